import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Group = components["schemas"]["GroupOut"];
export type Agent = components["schemas"]["AgentOut"];

/** The groups of the shop that are in use. */
export const groupsQuery = queryOptions({
  queryKey: ["staff", "groups"] as const,
  queryFn: async () => (await ask(api.GET("/api/groups"))).items.filter((group) => group.archived_at === null),
});

/** The agents of the shop with groups, skills and capacity. */
export const agentsQuery = queryOptions({ queryKey: ["staff", "agents"] as const, queryFn: async () => (await ask(api.GET("/api/agents", { params: { query: { limit: 500 } } }))).items });
