import { expect, test } from "vitest";
import { noticeSignal, withSignal } from "@/features/inbox/presence";

const empty = { viewers: {}, buyerTypingUntil: {} };

test("a colleague who looks is there until she leaves, and types for five seconds", () => {
  const looks = withSignal(empty, { type: "viewing", conversation_id: 1, user_id: 7, name: "小雨" }, 0);
  expect(looks.viewers[1]).toEqual([{ userId: 7, name: "小雨", typingUntil: 0 }]);
  const types = withSignal(looks, { type: "typing", conversation_id: 1, user_id: 7, name: "小雨" }, 100);
  expect(types.viewers[1]![0]!.typingUntil).toBe(5_100);
  expect(withSignal(types, { type: "left", conversation_id: 1, user_id: 7 }, 200).viewers[1]).toEqual([]);
});

test("the buyer's typing is kept by conversation", () => {
  expect(withSignal(empty, { type: "buyer_typing", conversation_id: 3 }, 50).buyerTypingUntil[3]).toBe(5_050);
});

test("a new viewer is answered once, oneself never", () => {
  const told: number[] = [];
  const see = (user: number) => noticeSignal({ type: "viewing", conversation_id: 4, user_id: user, name: "x" }, 5, (id) => told.push(id));
  see(8);
  see(8);
  see(5);
  expect(told).toEqual([4]);
});
