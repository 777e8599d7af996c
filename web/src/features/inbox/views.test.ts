import { expect, test } from "vitest";
import { isNarrow, kept, narrowingOf, shownBy, viewOf, type View } from "@/features/inbox/views";

const view = (id: number, filter: Partial<View["filter"]>): View => ({ id, name_zh: `视图${id}`, position: 0, is_shared: false, version: 1, filter: { ...kept({ box: "open" }), ...filter } });

test.each([
  [{ group_id: "7", channel: "doudian", q: "x" }, { group_id: 7, channel: "doudian" }],
  [{ group_id: "seven", label_id: -1, agent_id: 2 ** 60, entry: "" }, {}],
  [{ channel: "x".repeat(41), entry: "live" }, { entry: "live" }],
  [{ agent_id: null, channel: ["a"] }, {}],
])("the address %j narrows the list to %j", (search, narrowing) => expect(narrowingOf(search)).toEqual(narrowing));

test("a filter that is kept and shown again is the same", () => {
  const filter = { box: "waiting", group_id: 7, entry: "live" } as const;
  expect(shownBy({ filter: kept(filter) })).toEqual(filter);
  expect([isNarrow({ entry: "live" }), isNarrow({})]).toEqual([true, false]);
});

test("the view in force is the one with just this filter", () => {
  const views = [view(1, { box: "overdue" }), view(2, { channel: "doudian", label_id: 3 })];
  expect(viewOf(views, { box: "open", label_id: 3, channel: "doudian" })?.id).toBe(2);
  expect(viewOf(views, { box: "open", channel: "doudian" })).toBeNull();
  expect(viewOf(views, { box: "overdue" })?.id).toBe(1);
});
