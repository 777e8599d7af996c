import { createStore, read, write, type Store } from "@/lib/store";

/** What somebody has typed and not yet sent, by conversation; a private note stands under the number's negative. */
export type Drafts = Readonly<Record<number, string>>;

const MAX_KEPT = 200;
const SAVE_MS = 300;

/** Returns drafts with one changed; an empty text removes it, the oldest go when there are too many. */
export function withDraft(drafts: Drafts, conversationId: number, text: string): Drafts {
  const { [conversationId]: _, ...rest } = drafts;
  if (text.trim() === "") return conversationId in drafts ? rest : drafts;
  const kept = Object.entries(rest).slice(-(MAX_KEPT - 1));
  return Object.fromEntries([...kept, [conversationId, text]]) as Drafts;
}

const stores = new Map<string, Store<Drafts>>();
const keyOf = (shopId: number, userId: number) => `miaohui.drafts.${shopId}.${userId}`;

/** Returns the drafts of one person in one shop. They outlive a reload, a crash of the page and a lost connection. */
export function draftsOf(shopId: number, userId: number): Store<Drafts> {
  const key = keyOf(shopId, userId);
  const known = stores.get(key);
  if (known) return known;
  const store = createStore<Drafts>({ ...read<Record<number, string>>(key) } as Drafts);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => write(key, store.get());
  store.subscribe(() => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_MS);
  });
  globalThis.addEventListener?.("pagehide", save);
  stores.set(key, store);
  return store;
}
