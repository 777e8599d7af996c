import { expect, test } from "vitest";
import { belongs, byUrgency, clockOf, neighbour, nextUrgent, patchPages, type Box, type Row } from "@/features/inbox/rows";

const at = (s: number) => new Date(s * 1_000).toISOString();
const row = (id: number, change: Partial<Row> = {}): Row => ({
  id, buyer_id: id, buyer_name_zh: `买家${id}`, channel: "widget", account_id: 1, entry: "other", status: "open", group_id: 7, agent_id: 5, priority: 0,
  due_at: null, waiting_since: null, last_message_at: at(100), last_role: "buyer", last_text: "在吗", unread_count: 0, message_count: 1, snoozed_until: null,
  opened_at: at(1), closed_at: null, buyer_read_at: null, version: 1, label_ids: [], ...change });

const page = (items: Row[], next: string | null = null) => ({ items, next_cursor: next });
const ids = (pages: { items: Row[] }[]) => pages.map((p) => p.items.map((r) => r.id));

test("the order is the back end's: due first, then who waits longest, then what moved last", () => {
  const rows = [
    row(1, { last_message_at: at(900) }), row(2, { due_at: at(50), waiting_since: at(30) }), row(3, { waiting_since: at(20) }),
    row(4, { due_at: at(40), waiting_since: at(35) }), row(5, { last_message_at: at(950) })];
  expect(rows.toSorted(byUrgency).map((r) => r.id)).toEqual([4, 2, 3, 5, 1]);
});

test.each<[Box, Partial<Row>, boolean | null]>([
  ["mine", {}, true], ["mine", { agent_id: 6 }, false], ["mine", { status: "closed" }, false], ["mine", { snoozed_until: at(5_000) }, false],
  ["snoozed", { snoozed_until: at(5_000) }, true], ["unassigned", { agent_id: null }, true], ["unassigned", {}, false],
  ["waiting", { waiting_since: at(1) }, true], ["waiting", {}, false], ["overdue", { due_at: at(999) }, true], ["overdue", { due_at: at(1_001) }, false],
  ["closed", { status: "closed" }, true], ["open", {}, true], ["mentioned", {}, null],
])("box %s, row %o: %s", (box, change, is) => {
  expect(belongs(row(1, change), { box }, 5, 1_000_000)).toBe(is);
});

test("a filter by group or channel keeps other rows out; labels only the back end knows", () => {
  expect(belongs(row(1), { box: "open", group_id: 8 }, 5, 0)).toBe(false);
  expect(belongs(row(1), { box: "open", channel: "doudian" }, 5, 0)).toBe(false);
  expect(belongs(row(1), { box: "open", label_id: 3 }, 5, 0)).toBeNull();
});

test("a row that begins to burn moves to the top, over the edge of a page", () => {
  const pages = [page([row(1, { due_at: at(60) }), row(2, { due_at: at(70) })], "c"), page([row(3), row(4, { last_message_at: at(50) })])];
  expect(ids(patchPages(pages, row(4, { due_at: at(10), version: 2 }), true, byUrgency))).toEqual([[4, 1, 2], [3]]);
});

test("an older version of a row changes nothing: news may come late", () => {
  const pages = [page([row(1, { version: 5 })])];
  expect(patchPages(pages, row(1, { version: 4, last_text: "旧" }), true, byUrgency)).toBe(pages);
  expect(patchPages(pages, row(1, { version: 4 }), false, byUrgency)).toBe(pages);
});

test("a row that no longer belongs goes; one that never did changes nothing", () => {
  const pages = [page([row(1), row(2)])];
  expect(ids(patchPages(pages, row(1, { version: 2, status: "closed" }), false, byUrgency))).toEqual([[2]]);
  expect(patchPages(pages, row(9), false, byUrgency)).toBe(pages);
});

test("a row behind the last loaded one waits for its page, unless all is loaded", () => {
  const cold = row(9, { last_message_at: at(1) });
  expect(ids(patchPages([page([row(1)], "more")], cold, true, byUrgency))).toEqual([[1]]);
  expect(ids(patchPages([page([row(1)])], cold, true, byUrgency))).toEqual([[1, 9]]);
  expect(ids(patchPages([page([])], cold, true, byUrgency))).toEqual([[9]]);
});

test("the next urgent one is the first that waits and is not on the screen", () => {
  const rows = [row(1, { waiting_since: at(1) }), row(2, { waiting_since: at(2) }), row(3)];
  expect(nextUrgent(rows, 1)?.id).toBe(2);
  expect(nextUrgent([row(3)], null)).toBeNull();
  expect(neighbour(rows, 2, 1)?.id).toBe(3);
  expect(neighbour(rows, 3, 1)).toBeNull();
  expect(neighbour(rows, null, 1)?.id).toBe(1);
});

test("the clock of a row starts when the buyer began to wait", () => {
  expect(clockOf(row(1, { due_at: at(60), waiting_since: at(40) }))).toEqual({ startedAt: 40_000, dueAt: 60_000 });
  expect(clockOf(row(1))).toBeNull();
});
