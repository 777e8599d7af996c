import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type LiveSession = components["schemas"]["LiveSessionOut"];

/** Live sessions from yesterday to two weeks ahead, in order of their start. */
export const liveSessionsQuery = queryOptions({ queryKey: ["shop", "live-sessions"] as const, queryFn: async () => (await ask(api.GET("/api/live-sessions"))).items });

/** Returns the sessions whose guard window touches the local day of `now`, cancelled ones left out. */
export function ofToday(sessions: readonly LiveSession[], now: number): LiveSession[] {
  const day = (at: number) => Math.floor((at + 8 * 3_600_000) / 86_400_000);
  return sessions.filter((session) => session.guard_from !== null && session.guard_until !== null && day(Date.parse(session.guard_from)) <= day(now) && day(Date.parse(session.guard_until)) >= day(now));
}
