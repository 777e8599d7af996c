import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { ms } from "@/lib/format";

export type ReserveCall = components["schemas"]["ReserveCallOut"];

/** The first words of every key here: what a changed call makes old. */
export const RESERVE_KEY = ["routing", "reserve"] as const;

const list = (mine: boolean) =>
  queryOptions({
    queryKey: [...RESERVE_KEY, mine ? "mine" : "all"] as const,
    queryFn: async () => (await ask(api.GET("/api/reserve-calls", { params: { query: { mine, limit: mine ? 5 : 50 } } }))).items,
    staleTime: 60_000,
  });

/** The calls for oneself, the newest first. */
export const myCallsQuery = list(true);

/** Everybody's calls, the newest first: for supervisors. */
export const allCallsQuery = list(false);

const path = (call_id: number) => ({ params: { path: { call_id } } });

export const answerCall = (callId: number, accepts: boolean) => ask(api.POST("/api/reserve-calls/{call_id}/answer", { ...path(callId), body: { accepts, note: "" } }));

export const endCall = (callId: number) => ask(api.POST("/api/reserve-calls/{call_id}/end", path(callId)));

/** Returns the call that one should see now: one that waits for an answer, else one that one serves; null for none. A call that ran out is none, before the server says so. */
export function callNow(calls: readonly ReserveCall[], now: number): ReserveCall | null {
  return calls.find((call) => call.state === "called" && ms(call.expires_at) > now) ?? calls.find((call) => call.state === "accepted") ?? null;
}

/** Returns the whole seconds that are left to answer, and the share of the time that is left, 0–1. */
export function timeLeft(call: Pick<ReserveCall, "called_at" | "expires_at">, now: number): { seconds: number; share: number } {
  const left = Math.max(0, ms(call.expires_at) - now);
  return { seconds: Math.ceil(left / 1_000), share: Math.min(1, left / Math.max(1, ms(call.expires_at) - ms(call.called_at))) };
}

const RECENT_MS = 3_600_000;
const RECENT_COUNT = 6;

/** Returns what the board shows: calls under way, then the answers and endings of the last hour, six at most. */
export function boardCalls(calls: readonly ReserveCall[], now: number): { open: ReserveCall[]; past: ReserveCall[] } {
  const open = calls.filter((call) => call.state === "called" || call.state === "accepted");
  const past = calls.filter((call) => !open.includes(call) && now - ms(lastAt(call)) < RECENT_MS);
  return { open, past: past.slice(0, RECENT_COUNT) };
}

/** Returns when a call came to where it stands. */
export function lastAt(call: ReserveCall): string {
  return call.ended_at ?? call.answered_at ?? call.called_at;
}
