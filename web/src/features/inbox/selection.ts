import type { components } from "@/api/schema";
import type { Row } from "@/features/inbox/rows";

export type BulkBody = components["schemas"]["BulkIn"];
export type BulkItem = components["schemas"]["BulkItem"];
export type BulkAction = BulkBody["action"];

/** Which chats of a list are marked. `anchor` is the one from which a range is drawn. */
export interface Marks {
  ids: ReadonlySet<number>;
  anchor: number | null;
}

export const NO_MARKS: Marks = { ids: new Set(), anchor: null };
export const MOST = 200;

/** Returns the marks after one chat was marked, or unmarked when it was marked. */
export function toggled(marks: Marks, id: number): Marks {
  const ids = new Set(marks.ids);
  if (!ids.delete(id) && ids.size < MOST) ids.add(id);
  return { ids, anchor: id };
}

/** Returns the marks with everything from the anchor to `id` added; the anchor stays. Shape: `order` as the list shows it. */
export function ranged(marks: Marks, id: number, order: readonly number[]): Marks {
  const from = marks.anchor === null ? -1 : order.indexOf(marks.anchor);
  const to = order.indexOf(id);
  if (to < 0) return marks;
  if (from < 0) return toggled(marks, id);
  const ids = new Set(marks.ids);
  for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) if (ids.size < MOST) ids.add(one);
  return { ids, anchor: marks.anchor };
}

/** Returns the marks without chats that are no longer in the list: what nobody sees must not be acted on. */
export function visible(marks: Marks, order: readonly number[]): Marks {
  if (marks.ids.size === 0) return marks;
  const there = new Set(order);
  const ids = [...marks.ids].filter((id) => there.has(id));
  return ids.length === marks.ids.size ? marks : { ids: new Set(ids), anchor: marks.anchor !== null && there.has(marks.anchor) ? marks.anchor : null };
}

const INVERSE: Partial<Record<BulkAction, BulkAction>> = { close: "reopen", snooze: "wake", label: "unlabel", unlabel: "label" };

/**
 * Returns the requests that put back what an action did to these chats, in order. `before` are their rows as they were.
 * A chat that had the label before keeps it; a chat that was closed goes back to whoever had it.
 */
export function undoing(done: BulkBody, before: readonly Row[], items: readonly BulkItem[]): BulkBody[] {
  const changed = new Set(items.filter((item) => item.is_done).map((item) => item.conversation_id));
  const rows = before.filter((row) => changed.has(row.id) && wasTouched(done, row));
  if (rows.length === 0) return [];
  const ids = (of: readonly Row[]) => of.map((row) => row.id);
  const backwards = INVERSE[done.action];
  const first: BulkBody[] = backwards ? [{ conversation_ids: ids(rows), action: backwards, reason: "undo", ...(done.label_id ? { label_id: done.label_id } : {}) }] : [];
  if (done.action !== "close" && done.action !== "assign") return first;
  const owners = new Map<string, Row[]>();
  for (const row of rows) owners.set(`${row.agent_id}/${row.group_id}`, [...(owners.get(`${row.agent_id}/${row.group_id}`) ?? []), row]);
  return [...first, ...[...owners.values()].map((of): BulkBody => ({ conversation_ids: ids(of), action: "assign", agent_id: of[0]!.agent_id, group_id: of[0]!.group_id, no_group: of[0]!.group_id === null, reason: "undo" }))];
}

function wasTouched(done: BulkBody, row: Row): boolean {
  if (done.action === "label") return !row.label_ids?.includes(done.label_id ?? 0);
  if (done.action === "unlabel") return !!row.label_ids?.includes(done.label_id ?? 0);
  if (done.action === "close") return row.status === "open";
  return true;
}

/** Returns which chats an action did not change, with the reason in both languages, under the names of their buyers. */
export function failures(items: readonly BulkItem[], rows: readonly Row[]): { id: number; name: string; item: BulkItem }[] {
  return items.filter((item) => !item.is_done).map((item) => ({ id: item.conversation_id, name: rows.find((row) => row.id === item.conversation_id)?.buyer_name_zh ?? "", item }));
}
