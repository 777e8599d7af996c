import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Room = components["schemas"]["RoomOut"];
export type Seat = components["schemas"]["SeatOut"];
export type Routing = components["schemas"]["RoutingOut"];
export type Decision = components["schemas"]["DecisionOut"];
export type Presence = "online" | "on_break" | "offline";

/** Everybody's state and load, and what waits. */
export const roomQuery = queryOptions({ queryKey: ["routing", "room"] as const, queryFn: () => ask(api.GET("/api/presence")), staleTime: 60_000 });

/** Why a conversation went where it went. */
export const routingOf = (conversationId: number) =>
  queryOptions({
    queryKey: ["routing", "decisions", conversationId] as const,
    queryFn: () => ask(api.GET("/api/conversations/{conversation_id}/routing", { params: { path: { conversation_id: conversationId } } })),
  });

/** Returns one's own state, from one's seat on the floor; null data while one is no agent. */
export function useMySeat(userId: number) {
  return useQuery({ ...roomQuery, select: (room) => room.items.find((seat) => seat.user_id === userId) ?? null });
}

export const setPresence = (presence: Presence, handover: boolean) => ask(api.PUT("/api/presence", { body: { presence, handover, reason: "" } }));

const path = (conversationId: number) => ({ params: { path: { conversation_id: conversationId } } });

export const claim = (conversationId: number) => ask(api.POST("/api/conversations/{conversation_id}/claim", path(conversationId)));

export interface TransferTo {
  to_user_id?: number;
  to_group_id?: number;
  note: string;
}

export const transfer = (conversationId: number, to: TransferTo) => ask(api.POST("/api/conversations/{conversation_id}/transfer", { ...path(conversationId), body: to }));

export const takeOver = (conversationId: number, note: string) => ask(api.POST("/api/conversations/{conversation_id}/takeover", { ...path(conversationId), body: { note } }));

export const setAgentPresence = (userId: number, presence: Presence) =>
  ask(api.PUT("/api/agents/{user_id}/presence", { params: { path: { user_id: userId } }, body: { presence, handover: presence === "offline", reason: "" } }));

/** Hands over all chats of a person; without a target they are dispatched again by the rules. Says what became of each. */
export const reassign = (fromUserId: number, toUserIds: number[], reason: string) => ask(api.POST("/api/reassignments", { body: { from_user_id: fromUserId, to_user_ids: toUserIds, reason } }));
