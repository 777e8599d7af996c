import { queryOptions } from "@tanstack/react-query";
import { api, ask, type Got } from "@/api/client";

export type PolicySummary = Got<"/api/policies">["items"][number];
export type PolicyVersion = PolicySummary["current"];

export const policiesQuery = queryOptions({ queryKey: ["settings", "policies", "all"] as const, queryFn: async () => (await ask(api.GET("/api/policies"))).items });
const path = (kind: string) => ({ params: { path: { kind } } });
export const policyQuery = (kind: string) => queryOptions({ queryKey: ["settings", "policies", kind] as const, queryFn: () => ask(api.GET("/api/policies/{kind}", path(kind))) });

export interface Change {
  version: number;
  value: Record<string, unknown>;
  effective_from: string | null;
  reason: string;
}

export const setPolicy = (kind: string, change: Change) => ask(api.PUT("/api/policies/{kind}", { ...path(kind), body: change as never }));
export const undoPolicy = (kind: string, version: number, undo_version: number) => ask(api.POST("/api/policies/{kind}/undo", { ...path(kind), body: { version, undo_version, reason: "" } }));
