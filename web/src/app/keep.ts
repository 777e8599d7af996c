import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** How many of each kind of thing stay in the browser after nobody looks at them: a shift is eight hours in one tab. */
const MOST_KEPT = 30;

/** Returns the kind of a key: its first two words, `inbox opened`. */
const kindOf = (key: QueryKey) => `${String(key[0])} ${String(key[1])}`;

/**
 * Lets the cache forget what was looked at longest ago, as soon as there are more than `most` of one kind that nobody
 * looks at. What is on the screen is never forgotten. Returns what stops it.
 */
export function keepFew(client: QueryClient, most = MOST_KEPT): () => void {
  const cache = client.getQueryCache();
  return cache.subscribe((event) => {
    if (event.type !== "observerRemoved") return;
    const kind = kindOf(event.query.queryKey);
    const idle = cache.findAll({ predicate: (query) => query.queryKey.length > 2 && kindOf(query.queryKey) === kind && query.getObserversCount() === 0 && query.state.fetchStatus === "idle" });
    if (idle.length <= most) return;
    for (const query of idle.toSorted((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt).slice(0, idle.length - most)) cache.remove(query);
  });
}
