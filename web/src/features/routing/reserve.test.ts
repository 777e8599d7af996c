import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { applyRoutingEvent } from "@/features/routing/live";
import { allCallsQuery, boardCalls, callNow, myCallsQuery, timeLeft, type ReserveCall } from "@/features/routing/reserve";

const NOON = Date.parse("2026-11-22T04:00:00Z");
const at = (s: number) => new Date(NOON + s * 1_000).toISOString();
const call = (id: number, change: Partial<ReserveCall> = {}): ReserveCall => ({
  id, user_id: 5, group_id: 7, state: "called", state_zh: "等待应答", reason: "wait", waited_s: 95, waiting_count: 3,
  called_at: at(0), expires_at: at(60), answered_at: null, ended_at: null, against: {}, ...change });

test("a call is shown until it runs out; who serves is shown that; nothing else is", () => {
  expect(callNow([call(1)], NOON + 59_000)?.id).toBe(1);
  expect(callNow([call(1)], NOON + 60_000)).toBeNull();
  expect(callNow([call(2, { state: "accepted" })], NOON + 900_000)?.id).toBe(2);
  expect(callNow([call(3, { state: "accepted" }), call(4)], NOON)?.id).toBe(4);
  for (const state of ["declined", "expired", "ended"] as const) expect(callNow([call(5, { state })], NOON)).toBeNull();
});

test.each([[0, 60, 1], [30_500, 30, 0.4917], [59_001, 1, 0.0167], [60_000, 0, 0], [90_000, 0, 0]])("after %d ms %d seconds are left", (passed, seconds, share) => {
  const left = timeLeft(call(1), NOON + passed);
  expect([left.seconds, Number(left.share.toFixed(4))]).toEqual([seconds, share]);
});

test("the board tells calls under way from those of the last hour, six at most", () => {
  const many = Array.from({ length: 9 }, (_, n) => call(10 + n, { state: "expired", answered_at: at(60) }));
  const calls = [call(1), call(2, { state: "accepted", answered_at: at(10) }), call(3, { state: "ended", called_at: at(-9_000), ended_at: at(0) }), ...many, call(4, { state: "declined", called_at: at(-4_000), answered_at: at(-3_900) })];
  const { open, past } = boardCalls(calls, NOON + 100_000);
  expect(open.map((one) => one.id)).toEqual([1, 2]);
  expect(past.map((one) => one.id)).toEqual([3, 10, 11, 12, 13, 14]);
  expect(boardCalls([call(4, { state: "declined", answered_at: at(-3_900) })], NOON).past).toEqual([]);
});

test("a changed call has both lists fetched, other events of routing do not", () => {
  const client = new QueryClient();
  const event = (name: string) => ({ type: "event" as const, id: 1, shop_id: 1, name, at_ms: NOON, data: { call: { id: 1, user_id: 5, state: "called" } } });
  const old = () => [myCallsQuery, allCallsQuery].map((query) => client.getQueryState(query.queryKey)!.isInvalidated);
  for (const query of [myCallsQuery, allCallsQuery]) client.setQueryData(query.queryKey, []);
  applyRoutingEvent(client, event("routing.presence_changed"));
  expect(old()).toEqual([false, false]);
  applyRoutingEvent(client, event("routing.reserve_call_changed"));
  expect(old()).toEqual([true, true]);
});
