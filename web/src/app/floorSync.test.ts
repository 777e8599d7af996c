import text from "@/testing/sync.json?raw";
import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import type { FeedEvent } from "@/live/protocol";
import { applyRoutingEvent } from "@/features/routing/live";
import { roomQuery, type Room } from "@/features/routing/api";
import { allCallsQuery, type ReserveCall } from "@/features/routing/reserve";
import { applySlaEvent } from "@/features/sla/live";
import { todayQuery, type Today } from "@/features/sla/api";

/** The record of `tests/sync`: the floor, the day and the calls of the reserve after every action, and the events in between. */
interface Step { action: string; events: FeedEvent[]; room: Room; today: Today; calls: ReserveCall[] }
const { steps } = JSON.parse(text) as { steps: Step[] };
const pairs = steps.slice(1).map((step, n) => [step.action, n + 1] as const);

beforeEach(() => { vi.useFakeTimers(); });

function after(n: number): { client: QueryClient; refetched: boolean } {
  const client = new QueryClient();
  client.setQueryData(roomQuery.queryKey, steps[n - 1]!.room);
  client.setQueryData(todayQuery.queryKey, steps[n - 1]!.today);
  client.setQueryData(allCallsQuery.queryKey, steps[n - 1]!.calls);
  for (const event of steps[n]!.events) {
    applyRoutingEvent(client, event);
    applySlaEvent(client, event);
  }
  vi.runAllTimers();
  return { client, refetched: client.getQueryState(roomQuery.queryKey)!.isInvalidated };
}

test.each(pairs)("after '%s' the floor is what a fresh fetch shows, or is fetched", (_, n) => {
  const { client, refetched } = after(n);
  const seats = (room: Room) => room.items.map((seat) => ({ user_id: seat.user_id, state: seat.state, since_at: seat.since_at }));
  const mine = client.getQueryData<Room>(roomQuery.queryKey)!;
  const fresh = steps[n]!.room;
  expect([mine.is_open, seats(mine)]).toEqual([fresh.is_open, seats(fresh)]);
  if (!refetched) expect({ ...mine, server_at: "" }).toEqual({ ...fresh, server_at: "" });
});

test.each(pairs)("after '%s' the day of the reply clocks is what a fresh fetch shows, or is fetched", (_, n) => {
  const { client } = after(n);
  if (client.getQueryState(todayQuery.queryKey)!.isInvalidated) return;
  expect(client.getQueryData<Today>(todayQuery.queryKey)).toEqual(steps[n]!.today);
});

test.each(pairs)("after '%s' the calls of the reserve are what a fresh fetch shows, or are fetched", (_, n) => {
  const { client } = after(n);
  if (client.getQueryState(allCallsQuery.queryKey)!.isInvalidated) return;
  expect(client.getQueryData<ReserveCall[]>(allCallsQuery.queryKey)).toEqual(steps[n]!.calls);
});

test("the record has somebody of the reserve called, come and stand down", () => {
  const seen = steps.flatMap((step) => step.calls.map((call) => call.state));
  expect([...new Set(seen)].toSorted()).toEqual(["accepted", "called", "ended"]);
});
