import { queryOptions } from "@tanstack/react-query";
import { api, ask, type Got } from "@/api/client";

export type InForce = Got<"/api/insight/policies">["in_force"][number];
export type Stored = Got<"/api/insight/policies">["items"][number];

export const figuresQuery = queryOptions({ queryKey: ["insight", "policies", "in-force"] as const, queryFn: () => ask(api.GET("/api/insight/policies")) });

export const setFigures = (kind: string, change: { effective_from: string; value: Record<string, unknown>; reason: string }) => ask(api.PUT("/api/insight/policies/{kind}", { params: { path: { kind } }, body: change }));
