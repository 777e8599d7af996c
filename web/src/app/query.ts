import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { keepFew } from "@/app/keep";
import { ApiError } from "@/api/client";

/** Tells whether a failed fetch may go better next time: only when the server was not reached or was busy. */
export function mayRetry(failures: number, error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (error.isOffline || error.status === 503) && failures < 6;
}

const listeners = new Set<() => void>();

/** Calls `listener` when any answer says that the session is over. Returns what stops it. */
export function onSessionOver(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const onError = (error: unknown) => {
  if (error instanceof ApiError && error.status === 401) listeners.forEach((listener) => listener());
};

/** The one cache of server data. Events keep it fresh, so nothing is fetched again for a mere focus. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5 * 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: mayRetry,
      retryDelay: (failures) => Math.min(8_000, 500 * 2 ** failures),
      networkMode: "always",
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

keepFew(queryClient);
