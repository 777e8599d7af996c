import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { soon } from "@/lib/soon";

/** How many of each kind of thing stay in the browser after nobody looks at them: a shift is eight hours in one tab. */
const MOST_KEPT = 30;
const AFTER_MS = 1_000;

/** Returns the kind of a key: its first two words, `inbox opened`. */
const kindOf = (key: QueryKey) => `${String(key[0])} ${String(key[1])}`;

/** Tells whether nobody looks at it or waits for it. What never had an answer is about to be looked at: React draws before it subscribes. */
const isIdle = (query: Query) => query.queryKey.length > 2 && query.getObserversCount() === 0 && query.state.fetchStatus === "idle" && query.state.status !== "pending";

/**
 * Lets the cache forget what was looked at longest ago, as soon as there are more than `most` of one kind that nobody
 * looks at. What is on the screen is never forgotten, and nothing in the middle of a change of screens: an observer
 * leaves the old thing before it comes to the new one, and one that came to something forgotten would fetch it, alone,
 * for a cache that does not hold it. Returns what stops it.
 */
export function keepFew(client: QueryClient, most = MOST_KEPT, afterMs = AFTER_MS): () => void {
  const cache = client.getQueryCache();
  const lookedAt = new WeakMap<Query, number>();
  let looks = 0;
  const sweep = soon(afterMs, () => {
    const kept = new Map<string, number>();
    const latestFirst = cache.findAll({ predicate: isIdle }).toSorted((a, b) => (lookedAt.get(b) ?? 0) - (lookedAt.get(a) ?? 0));
    for (const query of latestFirst) {
      const kind = kindOf(query.queryKey);
      const count = (kept.get(kind) ?? 0) + 1;
      kept.set(kind, count);
      if (count > most) cache.remove(query);
    }
  });
  return cache.subscribe((event) => {
    if (event.type !== "observerRemoved" && event.type !== "added") return;
    lookedAt.set(event.query, ++looks);
    sweep(cache);
  });
}
