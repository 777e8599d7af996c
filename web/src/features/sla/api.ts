import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Today = components["schemas"]["TodayOut"];
export type Figures = components["schemas"]["FiguresOut"];
export type AgentFigures = components["schemas"]["AgentFiguresOut"];

/** The day of the shop and of each agent, as the platform counts rounds. */
export const todayQuery = queryOptions({ queryKey: ["sla", "today"] as const, queryFn: () => ask(api.GET("/api/sla/today")), staleTime: 5 * 60_000, refetchInterval: 5 * 60_000 });
