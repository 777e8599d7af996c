import { api, ask } from "@/api/client";
import { createStore } from "@/lib/store";

/** How long somebody's number stays in clear on the screen. Units: milliseconds. */
export const SHOWN_MS = 30_000;

interface Revealed {
  text: string;
  until: number;
}

type All = Readonly<Record<number, Revealed>>;

/** Messages that are shown in clear now, by their ids. In memory only: a reload hides them. */
export const revealed = createStore<All>({});

/** Tells whether a text has a number in it that was masked: digits around stars, as the server masks them. */
export function isMasked(text: string): boolean {
  return /\d\*{3,}\d/.test(text);
}

/** Returns what is still to be seen. Pure; `now` on the clock of `until`. */
export function stillShown(all: All, now: number): All {
  const left = Object.entries(all).filter(([, one]) => one.until > now);
  return left.length === Object.keys(all).length ? all : Object.fromEntries(left);
}

/** Asks for a message in clear; who asked and why stands in the audit log. It hides by itself. Raises: ApiError. */
export async function reveal(conversationId: number, messageId: number, reason: string): Promise<void> {
  const path = { conversation_id: conversationId, message_id: messageId };
  const { text } = await ask(api.POST("/api/conversations/{conversation_id}/messages/{message_id}/reveals", { params: { path }, body: { reason } }));
  revealed.set((all) => ({ ...all, [messageId]: { text, until: performance.now() + SHOWN_MS } }));
  setTimeout(() => revealed.set((all) => stillShown(all, performance.now())), SHOWN_MS + 50);
}

/** Hides one message again, or all. */
export function hide(messageId?: number): void {
  revealed.set((all) => (messageId === undefined ? {} : Object.fromEntries(Object.entries(all).filter(([id]) => Number(id) !== messageId))));
}
