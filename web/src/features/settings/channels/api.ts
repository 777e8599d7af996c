import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Account = components["schemas"]["ChannelAccountOut"];
export type AccountDetail = components["schemas"]["ChannelAccountDetailOut"];
export type Channel = components["schemas"]["ChannelOut"];

export const accountsQuery = queryOptions({ queryKey: ["settings", "channel-accounts"] as const, queryFn: async () => (await ask(api.GET("/api/channel-accounts"))).items });
export const channelsQuery = queryOptions({ queryKey: ["settings", "channels"] as const, queryFn: async (): Promise<Channel[]> => (await ask(api.GET("/api/channels"))).items, staleTime: Infinity });
const path = (account_id: number) => ({ params: { path: { account_id } } });
export const accountQuery = (id: number) => queryOptions({ queryKey: ["settings", "channel-account", id] as const, queryFn: () => ask(api.GET("/api/channel-accounts/{account_id}", path(id))) });

export const checkAccount = (id: number) => ask(api.POST("/api/channel-accounts/{account_id}/checks", path(id)));
export const setState = (id: number, state: "active" | "paused" | "revoked", reason: string) => ask(api.POST("/api/channel-accounts/{account_id}/states", { ...path(id), body: { state, reason } }));
export const editAccount = (account: Account, name: string, config: Record<string, unknown>) => ask(api.PATCH("/api/channel-accounts/{account_id}", { ...path(account.id), body: { version: account.version, name, config: config as never } }));
export const setSecrets = (id: number, secrets: Record<string, string>) => ask(api.PUT("/api/channel-accounts/{account_id}/secrets", { ...path(id), body: { secrets } }));
export const addAccount = (channel: string, name: string, secrets: Record<string, string>) => ask(api.POST("/api/channel-accounts", { body: { channel, name, config: {}, secrets } }));
