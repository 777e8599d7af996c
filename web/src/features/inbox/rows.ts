import { ms } from "@/lib/format";
import type { components } from "@/api/schema";
import type { ReplyClock } from "@/lib/countdown";

/** A conversation as lists show it: what the back end's list and every event of the feed carry (there without labels). */
export type Row = components["schemas"]["ConversationRow"];

export type Box = components["schemas"]["ViewFilter"]["box"];

export interface ListFilter {
  box: Box;
  agent_id?: number;
  group_id?: number;
  channel?: string;
  label_id?: number;
  entry?: string;
}

const FAR = Number.MAX_SAFE_INTEGER;

/** Returns the reply clock of a row, or null when nothing is due. */
export function clockOf(row: Pick<Row, "due_at" | "waiting_since" | "opened_at">): ReplyClock | null {
  if (!row.due_at) return null;
  const dueAt = ms(row.due_at);
  return { dueAt, startedAt: Math.min(dueAt, ms(row.waiting_since ?? row.opened_at)) };
}

function keyOf(row: Row): [number, number, number, number] {
  return [row.due_at ? ms(row.due_at) : FAR, row.waiting_since ? ms(row.waiting_since) : FAR, -ms(row.last_message_at), row.id];
}

/** Sorts as the back end does: what burns first, then who waits longest, then what moved last. */
export function byUrgency(a: Row, b: Row): number {
  const x = keyOf(a);
  const y = keyOf(b);
  for (let n = 0; n < 4; n++) if (x[n] !== y[n]) return x[n]! - y[n]!;
  return 0;
}

/** Sorts closed conversations: what moved last stands first. */
export function byRecency(a: Row, b: Row): number {
  return ms(b.last_message_at) - ms(a.last_message_at) || b.id - a.id;
}

/** Tells whether a row belongs into a list, or null where only the back end knows (labels, mentions). */
export function belongs(row: Row, filter: ListFilter, me: number, now: number): boolean | null {
  if (filter.box === "mentioned" || filter.label_id !== undefined) return null;
  if (filter.group_id !== undefined && row.group_id !== filter.group_id) return false;
  if (filter.agent_id !== undefined && row.agent_id !== filter.agent_id) return false;
  if (filter.channel && row.channel !== filter.channel) return false;
  if (filter.entry && row.entry !== filter.entry) return false;
  if (filter.box === "closed") return row.status === "closed";
  if (row.status !== "open") return false;
  const asleep = row.snoozed_until !== null;
  if (filter.box === "snoozed") return asleep;
  if (asleep) return false;
  if (filter.box === "mine") return row.agent_id === me;
  if (filter.box === "unassigned") return row.agent_id === null;
  if (filter.box === "waiting") return row.waiting_since !== null;
  if (filter.box === "overdue") return row.due_at !== null && ms(row.due_at) <= now;
  return true;
}

export interface RowPage {
  items: Row[];
  next_cursor: string | null;
}

/**
 * Returns the pages of a list after one row changed: replaced, moved, added or taken out. The same object when nothing
 * changes. A row behind the last loaded one is left to the next page.
 * Shape: `pages` as fetched, together sorted.
 */
export function patchPages(pages: readonly RowPage[], row: Row, isIn: boolean, order: (a: Row, b: Row) => number): RowPage[] {
  const old = pages.flatMap((page) => page.items).find((item) => item.id === row.id);
  if (old && old.version > row.version) return pages as RowPage[];
  if (!old && !isIn) return pages as RowPage[];
  const rest = pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== row.id) }));
  if (!isIn) return rest;
  const last = rest.length - 1;
  for (let n = 0; n <= last; n++) {
    const page = rest[n]!;
    const at = page.items.findIndex((item) => order(item, row) > 0);
    if (at >= 0) {
      page.items = [...page.items.slice(0, at), row, ...page.items.slice(at)];
      return rest;
    }
  }
  if (rest[last] && rest[last].next_cursor === null) rest[last].items = [...rest[last].items, row];
  return rest;
}

/** Returns the row that an agent should answer next: the first that waits, other than the one on the screen. */
export function nextUrgent(rows: readonly Row[], current: number | null): Row | null {
  return rows.find((row) => row.waiting_since !== null && row.id !== current) ?? null;
}

/** Returns the neighbour of the current row in the list, or the first. `step` is 1 or -1. */
export function neighbour(rows: readonly Row[], current: number | null, step: 1 | -1): Row | null {
  const at = rows.findIndex((row) => row.id === current);
  if (at < 0) return rows[0] ?? null;
  return rows[at + step] ?? null;
}
