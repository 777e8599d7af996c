import type { Part } from "@/features/inbox/parts";

export type Side = "buyer" | "agent" | "bot" | "system" | "note";
export type SendState = "received" | "queued" | "sending" | "delivered" | "refused" | "unknown";

/** One line of a conversation as the page shows it. `key` stays the same from the moment of sending. */
export interface Message {
  key: string;
  id: number | null;
  side: Side;
  author: string;
  kind: string;
  text: string;
  parts: Part[];
  /** Milliseconds since 1970, by which the line is sorted. */
  at: number;
  state: SendState;
  reason: string;
  clientId: string | null;
  recalled: boolean;
  /** Who is spoken to in a note. */
  mentions?: readonly number[];
  edited: boolean;
}

/** How far a state is: a later one never gives way to an earlier one, whatever the order of the news. */
const PROGRESS: Record<SendState, number> = { queued: 0, sending: 1, unknown: 2, received: 3, delivered: 3, refused: 4 };

/** Returns the state that is further: news may come late or twice. */
export function further(a: SendState, b: SendState): SendState {
  return PROGRESS[b] >= PROGRESS[a] ? b : a;
}

/** Sorts as the back end does: by time, then by id; what has no id yet stands last among equals. */
export function byTime(a: Message, b: Message): number {
  return a.at - b.at || (a.id ?? Number.MAX_SAFE_INTEGER) - (b.id ?? Number.MAX_SAFE_INTEGER);
}

/** Returns whether two lines are one: the same id, or the same sending. */
export function isSame(a: Message, b: Message): boolean {
  return (a.id !== null && a.id === b.id && (a.side === "note") === (b.side === "note")) || (a.clientId !== null && a.clientId === b.clientId);
}

const SIMPLE = ["id", "side", "author", "kind", "text", "at", "state", "reason", "clientId", "recalled", "edited"] as const;
const isEqual = (a: Message, b: Message) => SIMPLE.every((name) => a[name] === b[name]) && JSON.stringify(a.parts) === JSON.stringify(b.parts);

/** Returns a line after news of it; the same object when they say nothing new, so that it is not drawn anew. */
function merged(old: Message, news: Message): Message {
  if (isEqual(old, news)) return old;
  return {
    ...old, ...news, key: old.key, id: news.id ?? old.id, state: further(old.state, news.state),
    recalled: old.recalled || news.recalled, edited: old.edited || news.edited,
    text: old.edited && !news.edited ? old.text : news.text, parts: old.edited && !news.edited ? old.parts : news.parts,
    reason: further(old.state, news.state) === news.state ? news.reason : old.reason,
  };
}

/**
 * Returns the lines with `news` put in: an unknown line is added, a known one brought forward, never back.
 * Shape: sorted by `byTime`; the result is a new list.
 */
export function withMessage(list: readonly Message[], news: Message): Message[] {
  const at = list.findLastIndex((message) => isSame(message, news));
  if (at < 0) return insertSorted(list, news);
  const rest = list.filter((_, n) => n !== at);
  return insertSorted(rest, merged(list[at]!, news));
}

function insertSorted(list: readonly Message[], item: Message): Message[] {
  let at = list.length;
  while (at > 0 && byTime(list[at - 1]!, item) > 0) at--;
  return [...list.slice(0, at), item, ...list.slice(at)];
}

const FEW = 4;
const names = (line: Message): string[] => [
  ...(line.id === null ? [] : [`${line.side === "note" ? "note" : "line"} ${line.id}`]),
  ...(line.clientId === null ? [] : [`sent ${line.clientId}`]),
];

/** Returns two lists as one, each line once, what is further winning. In time that grows with the lists, not with their product. */
export function mergeLists(older: readonly Message[], newer: readonly Message[]): Message[] {
  if (newer.length <= FEW) return newer.reduce<Message[]>((list, message) => withMessage(list, message), [...older]);
  const list = [...older];
  const places = new Map<string, number>();
  const note = (line: Message, at: number) => { for (const name of names(line)) places.set(name, at); };
  list.forEach(note);
  for (const news of newer) {
    const known = names(news).map((name) => places.get(name)).filter((at) => at !== undefined);
    const at = known.length > 0 ? Math.max(...known) : list.length;
    list[at] = list[at] ? merged(list[at], news) : news;
    note(list[at], at);
  }
  return list.toSorted(byTime);
}
