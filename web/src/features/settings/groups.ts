import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";

/** The groups of the shop, as a choice. */
export const groupOptions = queryOptions({
  queryKey: ["settings", "group-options"] as const,
  queryFn: async () => (await ask(api.GET("/api/groups"))).items.filter((group) => group.archived_at === null).map((group) => ({ value: group.id, label: group.name })),
});
