import { queryOptions } from "@tanstack/react-query";
import { api, ask, withShop } from "@/api/client";
import type { components } from "@/api/schema";

export type Backup = components["schemas"]["BackupOut"];
export type Backups = components["schemas"]["BackupsOut"];

const path = (name: string) => ({ params: { path: { name } } });
/** While one is being made the list is asked for again every second and a half. */
export const backupsQuery = queryOptions({ queryKey: ["backups"] as const, queryFn: (): Promise<Backups> => ask(api.GET("/api/backups")), refetchInterval: ({ state }) => (state.data?.is_running ? 1_500 : false) });
export const makeBackup = (): Promise<Backups> => ask(api.POST("/api/backups"));
export const checkBackup = (name: string): Promise<Backup> => ask(api.POST("/api/backups/{name}/checks", path(name)));
export const deleteBackup = (name: string) => ask(api.DELETE("/api/backups/{name}", path(name)));
export const fileAddress = (name: string) => withShop(`/api/backups/${name}/file`);
