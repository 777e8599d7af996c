import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Member = components["schemas"]["MemberRow"];
export type LinkOffer = components["schemas"]["LinkOffer"];

export const membersQuery = queryOptions({ queryKey: ["settings", "members"] as const, queryFn: async () => (await ask(api.GET("/api/users", { params: { query: { limit: 200 } } }))).items });
export const rolesQuery = queryOptions({ queryKey: ["settings", "roles"] as const, queryFn: () => ask(api.GET("/api/roles")), staleTime: Infinity });
export const invitationsQuery = queryOptions({ queryKey: ["settings", "invitations"] as const, queryFn: async () => (await ask(api.GET("/api/invitations"))).items });

const path = (user_id: number) => ({ params: { path: { user_id } } });
export const changeRole = (member: Member, role: string, reason: string) => ask(api.PUT("/api/users/{user_id}/role", { ...path(member.user_id), body: { role, version: member.version, reason } }));
export const depart = (member: Member, reason: string) => ask(api.POST("/api/users/{user_id}/departure", { ...path(member.user_id), body: { version: member.version, reason } }));
export const resetPassword = (id: number) => ask(api.POST("/api/users/{user_id}/password-reset", path(id)));
export const endSessions = (id: number) => ask(api.DELETE("/api/users/{user_id}/sessions", path(id)));
export const invite = (display_name: string, role: string, group_ids: number[]) => ask(api.POST("/api/invitations", { body: { display_name, role, group_ids } }));
export const withdraw = (invitation_id: number) => ask(api.DELETE("/api/invitations/{invitation_id}", { params: { path: { invitation_id } } }));

/** Returns the address that a person opens to accept an invitation or to set a new password. The secret stays behind the #. */
export function linkOf(kind: "join" | "reset", secret: string): string {
  return `${globalThis.location.origin}/${kind}#${secret}`;
}
