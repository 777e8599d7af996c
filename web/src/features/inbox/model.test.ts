import { expect, test } from "vitest";
import { further, mergeLists, withMessage, type Message } from "@/features/inbox/model";
import { timeline } from "@/features/inbox/timeline";

const line = (change: Partial<Message>): Message => ({
  key: String(change.id ?? change.clientId), id: 1, side: "agent", author: "小雨", kind: "text", text: "在的", parts: [{ type: "text", text: "在的" }],
  at: 1_000, state: "delivered", reason: "", clientId: null, recalled: false, edited: false, ...change });

test("an optimistic line and its confirmation are one line, which keeps its place in the page", () => {
  const mine = line({ id: null, clientId: "c1", key: "c1", state: "queued", at: 5_000 });
  const confirmed = line({ id: 9, clientId: "c1", key: "9", state: "delivered", at: 5_200 });
  const list = withMessage([mine], confirmed);
  expect(list).toHaveLength(1);
  expect(list[0]).toMatchObject({ id: 9, key: "c1", state: "delivered", at: 5_200 });
});

test("news that come in the wrong order never bring a message back", () => {
  const sent = withMessage([], line({ id: 4, state: "delivered" }));
  expect(withMessage(sent, line({ id: 4, state: "queued" }))[0]!.state).toBe("delivered");
  expect(further("unknown", "delivered")).toBe("delivered");
  expect(further("delivered", "refused")).toBe("refused");
});

test("a recalled message stays recalled and an edited text stays the edited one", () => {
  const list = withMessage([line({ id: 4, recalled: true, edited: true, text: "新" })], line({ id: 4, text: "旧" }));
  expect(list[0]).toMatchObject({ recalled: true, edited: true, text: "新" });
});

test("a late message goes to its place by the platform's time, not to the end", () => {
  const list = mergeLists([line({ id: 1, at: 100 }), line({ id: 3, at: 300 })], [line({ id: 2, at: 200 })]);
  expect(list.map((m) => m.id)).toEqual([1, 2, 3]);
});

test("many lines merged at once are what they are merged one by one, and untouched ones stay the same objects", () => {
  const some = (from: number, to: number, change: Partial<Message> = {}) =>
    Array.from({ length: to - from }, (_, n) => line({ id: from + n, key: String(from + n), at: ((from + n) * 7) % 400, ...change })).toSorted((a, b) => a.at - b.at || a.id! - b.id!);
  const older = some(0, 120);
  const newer = some(80, 200, { state: "refused", reason: "x" });
  const many = mergeLists(older, newer);
  expect(many).toEqual(newer.reduce((list, one) => withMessage(list, one), [...older]));
  expect(many).toHaveLength(200);
  const again = mergeLists(many, some(80, 200, { state: "refused", reason: "x" }));
  expect(again.every((one, n) => one === many[n])).toBe(true);
});

test("a note and a message with one number are two lines", () => {
  expect(withMessage([line({ id: 4 })], line({ id: 4, side: "note" }))).toHaveLength(2);
});

const noon = Date.parse("2026-11-22T04:00:00Z");

test("a new day, a pause and another author each begin a new head", () => {
  const items = timeline([
    line({ id: 1, key: "1", at: noon }), line({ id: 2, key: "2", at: noon + 30_000 }),
    line({ id: 3, key: "3", at: noon + 40_000, side: "buyer", author: "买家" }),
    line({ id: 4, key: "4", at: noon + 600_000, side: "buyer", author: "买家" }),
    line({ id: 5, key: "5", at: noon + 13 * 3_600_000, side: "buyer", author: "买家" })]);
  expect(items.map((i) => (i.kind === "message" ? `${i.message.id}${i.head ? "h" : ""}` : i.kind))).toEqual(
    ["day", "1h", "2", "3h", "gap", "4h", "day", "5h"]);
});
