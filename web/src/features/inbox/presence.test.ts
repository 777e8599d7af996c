import { expect, test } from "vitest";
import { noticeSignal, withSignal } from "@/features/inbox/presence";

const empty = { viewers: {}, buyerTypingUntil: {} };

test("a colleague who looks is there until she leaves, and types for five seconds", () => {
  const looks = withSignal(empty, { type: "viewing", conversation_id: 1, user_id: 7, name: "小雨" }, 0);
  expect(looks.viewers[1]).toEqual([{ userId: 7, name: "小雨", typingUntil: 0 }]);
  const types = withSignal(looks, { type: "typing", conversation_id: 1, user_id: 7, name: "小雨" }, 100);
  expect(types.viewers[1]![0]!.typingUntil).toBe(5_100);
  expect(withSignal(types, { type: "left", conversation_id: 1, user_id: 7 }, 200).viewers).toEqual({});
});

test("one of two who leaves leaves the other", () => {
  const both = [7, 8].reduce((state, user_id) => withSignal(state, { type: "viewing", conversation_id: 1, user_id, name: "x" }, 0), empty as ReturnType<typeof withSignal>);
  expect(withSignal(both, { type: "left", conversation_id: 1, user_id: 7 }, 1).viewers[1]!.map((person) => person.userId)).toEqual([8]);
});

test("buyers who stopped typing are forgotten with the next who types", () => {
  let state: ReturnType<typeof withSignal> = empty;
  for (let n = 0; n < 500; n++) state = withSignal(state, { type: "buyer_typing", conversation_id: n, name: "" }, n * 1_000);
  expect(Object.keys(state.buyerTypingUntil).map(Number)).toEqual([495, 496, 497, 498, 499]);
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
