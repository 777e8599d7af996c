import { expect, test } from "vitest";
import { failures, MOST, NO_MARKS, ranged, toggled, undoing, visible, type BulkBody, type BulkItem, type Marks } from "@/features/inbox/selection";
import type { Row } from "@/features/inbox/rows";

const row = (id: number, change: Partial<Row> = {}) => ({ id, buyer_name_zh: `买家${id}`, status: "open", agent_id: 5, group_id: 7, label_ids: [], ...change }) as Row;
const done = (...ids: number[]): BulkItem[] => ids.map((conversation_id) => ({ conversation_id, is_done: true, code: "", message: "", message_en: "" }));
const body = (action: BulkBody["action"], more: Partial<BulkBody> = {}): BulkBody => ({ conversation_ids: [1, 2, 3], action, reason: "bulk", ...more });
const list = (marks: Marks) => [...marks.ids];

test("a second click takes a mark off; the last one clicked is where a range begins", () => {
  const marks = toggled(toggled(NO_MARKS, 1), 3);
  expect([list(marks), marks.anchor]).toEqual([[1, 3], 3]);
  expect(list(toggled(marks, 1))).toEqual([3]);
});

test("a range goes from the anchor to the click, either way, and keeps what was marked", () => {
  const order = [9, 8, 7, 6, 5];
  expect(list(ranged(toggled(NO_MARKS, 8), 6, order))).toEqual([8, 7, 6]);
  expect(list(ranged(toggled(toggled(NO_MARKS, 5), 7), 9, order))).toEqual([5, 7, 9, 8]);
  expect(list(ranged(NO_MARKS, 7, order))).toEqual([7]);
  expect(ranged(toggled(NO_MARKS, 8), 99, order).ids.size).toBe(1);
});

test("no more are marked than one request may carry", () => {
  const order = Array.from({ length: MOST + 50 }, (_, n) => n + 1);
  expect(ranged(toggled(NO_MARKS, 1), MOST + 50, order).ids.size).toBe(MOST);
});

test("what left the list is not acted on", () => {
  const marks = toggled(toggled(NO_MARKS, 1), 2);
  expect(list(visible(marks, [1, 3]))).toEqual([1]);
  expect(visible(marks, [2, 1])).toBe(marks);
});

test("chats that were given away go back to those who had them", () => {
  const before = [row(1), row(2, { agent_id: 6 }), row(3), row(4, { agent_id: null, group_id: 8 })];
  expect(undoing(body("assign", { agent_id: 9 }), before, done(1, 2, 3, 4)).map((b) => [b.conversation_ids, b.agent_id, b.group_id])).toEqual([[[1, 3], 5, 7], [[2], 6, 7], [[4], null, 8]]);
});

test("undoing gives a chat that had no group back to none, and only that one", () => {
  const before = [row(1), row(2, { group_id: null, agent_id: null })];
  expect(undoing(body("assign", { group_id: 9 }), before, done(1, 2)).map((b) => [b.conversation_ids, b.group_id, b.no_group])).toEqual([[[1], 7, false], [[2], null, true]]);
});

test("closed chats are opened and go back; those that were closed before stay so", () => {
  const before = [row(1), row(2, { status: "closed" })];
  expect(undoing(body("close"), before, done(1, 2)).map((b) => [b.action, b.conversation_ids])).toEqual([["reopen", [1]], ["assign", [1]]]);
});

test("a label that was there before is not taken off by undoing", () => {
  const before = [row(1, { label_ids: [4] }), row(2)];
  expect(undoing(body("label", { label_id: 4 }), before, done(1, 2))).toEqual([{ conversation_ids: [2], action: "unlabel", label_id: 4, reason: "undo" }]);
  expect(undoing(body("label", { label_id: 4 }), [before[0]!], done(1))).toEqual([]);
});

test("what failed is not undone, and is shown by name", () => {
  const items: BulkItem[] = [...done(1), { conversation_id: 2, is_done: false, code: "inbox.conversation_closed", message: "会话已结束", message_en: "closed" }];
  expect(undoing(body("snooze"), [row(1), row(2)], items)).toEqual([{ conversation_ids: [1], action: "wake", reason: "undo" }]);
  expect(failures(items, [row(1), row(2)]).map((f) => [f.id, f.name])).toEqual([[2, "买家2"]]);
});
