import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Erasure = components["schemas"]["ErasureOut"];
export type ErasureStage = "running" | "done" | "compacted";

const path = (buyer_id: number) => ({ params: { path: { buyer_id } } });
const LOOK_AGAIN_MS: Readonly<Record<ErasureStage, number>> = { running: 3_000, done: 30_000, compacted: Infinity };

/** Returns how far an erasure is: every room at it, all erased, the file rewritten too. */
export function stageOf(erasure: Pick<Erasure, "done_at" | "compacted_at">): ErasureStage {
  if (!erasure.done_at) return "running";
  return erasure.compacted_at ? "compacted" : "done";
}

/** Returns how soon to look again, since an end may be told while the line is lost: soon while one runs, now and then until the file is rewritten. */
export function lookAgain(erasures: readonly Erasure[] | undefined): number | false {
  const soonest = Math.min(...(erasures ?? []).map((one) => LOOK_AGAIN_MS[stageOf(one)]));
  return Number.isFinite(soonest) && soonest;
}

/** The erasures of a person, as asked for. */
export const erasuresOf = (buyerId: number) =>
  queryOptions({
    queryKey: ["buyers", "erasures", buyerId] as const,
    queryFn: async () => (await ask(api.GET("/api/buyers/{buyer_id}/erasures", path(buyerId)))).items,
    staleTime: 60_000,
    refetchInterval: (query) => lookAgain(query.state.data),
  });

/** Asks for a person's data to be erased; names and phones are gone with the answer. */
export const eraseBuyer = (buyerId: number, reason: string) => ask(api.POST("/api/buyers/{buyer_id}/erasures", { ...path(buyerId), body: { reason } }));
