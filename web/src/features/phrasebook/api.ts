import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";

/** The quick replies of the shop, with their readings, in its order. */
export const quickRepliesQuery = queryOptions({ queryKey: ["phrasebook", "replies"] as const, queryFn: async () => (await ask(api.GET("/api/quick-replies"))).items, staleTime: 10 * 60_000 });
