import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { createStore } from "@/lib/store";
import type { TourName } from "@/app/tour/steps";

/** The tour that is being shown, or null. */
export const tourOn = createStore<TourName | null>(null);

/** Which tours one has taken or skipped, on any computer. */
export const takenQuery = queryOptions({ queryKey: ["preferences"] as const, queryFn: () => ask(api.GET("/api/preferences")), staleTime: Number.POSITIVE_INFINITY });

/** Returns whether a tour is still to be offered, and what writes down that it was taken or skipped. */
export function useTour(name: TourName): { isNew: boolean; start: () => void; done: () => void } {
  const client = useQueryClient();
  const taken = useQuery(takenQuery);
  const done = () => {
    tourOn.set(null);
    const tours = [...new Set([...(taken.data?.tours ?? []), name])];
    client.setQueryData(takenQuery.queryKey, { tours });
    void ask(api.PUT("/api/preferences/{name}", { params: { path: { name: "tours" } }, body: { value: tours } })).catch(() => client.invalidateQueries({ queryKey: takenQuery.queryKey }));
  };
  return { isNew: taken.data !== undefined && !taken.data.tours.includes(name), start: () => tourOn.set(name), done };
}
