import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type LiveSession = components["schemas"]["LiveSessionOut"];
export type Promotion = components["schemas"]["PromotionOut"];

export const sessionsQuery = queryOptions({ queryKey: ["shop", "live-sessions"] as const, queryFn: async () => (await ask(api.GET("/api/live-sessions"))).items });
export const promotionsQuery = queryOptions({ queryKey: ["settings", "promotions"] as const, queryFn: async () => (await ask(api.GET("/api/promotions"))).items });

export interface Plan {
  title: string;
  room: string;
  presenter: string;
  planned_start_at: string;
  planned_end_at: string;
}

const path = (live_session_id: number) => ({ params: { path: { live_session_id } } });
export const planSession = (plan: Plan) => ask(api.POST("/api/live-sessions", { body: plan }));
export const editSession = (session: LiveSession, plan: Plan) => ask(api.PATCH("/api/live-sessions/{live_session_id}", { ...path(session.id), body: { ...plan, version: session.version, reason: "" } }));
export const startSession = (id: number) => ask(api.POST("/api/live-sessions/{live_session_id}/start", path(id)));
export const endSession = (id: number) => ask(api.POST("/api/live-sessions/{live_session_id}/end", { ...path(id), body: { reason: "" } }));
export const extendSession = (id: number, until: string) => ask(api.POST("/api/live-sessions/{live_session_id}/extension", { ...path(id), body: { planned_end_at: until, reason: "" } }));
export const cancelSession = (id: number) => ask(api.POST("/api/live-sessions/{live_session_id}/cancellation", { ...path(id), body: { reason: "" } }));
export const cancelPromotion = (promotion_id: number) => ask(api.POST("/api/promotions/{promotion_id}/cancellation", { params: { path: { promotion_id } }, body: { reason: "" } }));
