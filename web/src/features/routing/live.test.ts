import { expect, test } from "vitest";
import { withPlaced, withPresence } from "@/features/routing/live";
import type { Room, Seat } from "@/features/routing/api";

const seat = (user_id: number, change: Partial<Seat> = {}): Seat => ({
  user_id, name: `客服${user_id}`, state: "online", state_zh: "在线", since_at: null, load: 2, unanswered_count: 0, max_concurrency: 10, capacity_now: 10, group_ids: [7], last_placed_at: null, ...change });
const room = (items: Seat[]): Room => ({ is_open: true, server_at: "2026-11-22T00:00:00Z", items, queues: [], next_cursor: null });

test("a break shows at once; the shop is closed when the last one goes offline", () => {
  const one = withPresence(room([seat(1), seat(2, { state: "offline" })]), { user_id: 1, state: "on_break", since_at: "x" });
  expect([one.items[0]!.state, one.is_open]).toEqual(["on_break", true]);
  expect(withPresence(one, { user_id: 1, state: "offline", since_at: "x" }).is_open).toBe(false);
  expect(withPresence(one, { user_id: 99, state: "online", since_at: "x" })).toBe(one);
});

test("a chat that is handed over counts there and no longer here, never below nothing", () => {
  const moved = withPlaced(room([seat(1, { load: 0 }), seat(2)]), 2, 1);
  expect(moved.items.map((s) => s.load)).toEqual([0, 3]);
  const same = room([seat(1)]);
  expect(withPlaced(same, 1, 1)).toBe(same);
});
