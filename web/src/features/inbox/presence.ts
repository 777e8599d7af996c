import { createStore } from "@/lib/store";
import type { Signal } from "@/live/protocol";

/** A colleague who has a conversation on the screen, or who types in it. */
export interface Colleague {
  userId: number;
  name: string;
  typingUntil: number;
}

interface Around {
  viewers: Readonly<Record<number, readonly Colleague[]>>;
  buyerTypingUntil: Readonly<Record<number, number>>;
}

const TYPING_MS = 5_000;
export const around = createStore<Around>({ viewers: {}, buyerTypingUntil: {} });

/** Returns the buyers who still type: a shift sees hundreds of them, and each is over in seconds. */
function stillTyping(until: Around["buyerTypingUntil"], now: number): Around["buyerTypingUntil"] {
  return Object.fromEntries(Object.entries(until).filter(([, at]) => at > now));
}

/** Returns who is around after a signal; whoever is gone leaves nothing behind. Pure; `now` in milliseconds on any one clock. */
export function withSignal(state: Around, signal: Signal, now: number): Around {
  const id = signal.conversation_id;
  if (signal.type === "buyer_typing") return { ...state, buyerTypingUntil: { ...stillTyping(state.buyerTypingUntil, now), [id]: now + TYPING_MS } };
  if (signal.user_id === undefined) return state;
  const others = (state.viewers[id] ?? []).filter((person) => person.userId !== signal.user_id);
  if (signal.type === "left" && others.length === 0) {
    const { [id]: _, ...rest } = state.viewers;
    return { ...state, viewers: rest };
  }
  if (signal.type === "left") return { ...state, viewers: { ...state.viewers, [id]: others } };
  const known = state.viewers[id]?.find((person) => person.userId === signal.user_id);
  const typingUntil = signal.type === "typing" ? now + TYPING_MS : (known?.typingUntil ?? 0);
  return { ...state, viewers: { ...state.viewers, [id]: [...others, { userId: signal.user_id, name: signal.name ?? "", typingUntil }] } };
}

/**
 * Takes a signal of the socket. Somebody new hears from us that we are here too, because the server keeps no list:
 * `announce` is called with the conversation when its viewer was not known before.
 */
export function noticeSignal(signal: Signal, me: number, announce: (conversationId: number) => void): void {
  if (signal.user_id === me) return;
  const before = around.get();
  around.set(withSignal(before, signal, performance.now()));
  const isNew = signal.type === "viewing" && !before.viewers[signal.conversation_id]?.some((person) => person.userId === signal.user_id);
  if (isNew) announce(signal.conversation_id);
}
