import type { QueryClient } from "@tanstack/react-query";
import type { FeedEvent } from "@/live/protocol";
import { soon } from "@/lib/soon";

/** What an event makes old: the first words of the cache keys that are fetched again where they are shown. */
const STALE: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
  ["trade.", [["trade"]]],
  ["buyers.", [["buyers"], ["inbox", "history"]]],
  ["staff.", [["staff"], ["settings", "team"], ["settings", "group-options"]]],
  ["shop.live_session_", [["shop", "live-sessions"]]],
  ["shop.promotion_", [["settings", "promotions"]]],
  ["shop.policy_", [["settings", "policies"], ["sla"], ["phrasebook"]]],
  ["shop.channel_", [["settings", "channel-accounts"], ["settings", "channel-account"]]],
  ["routing.rules_changed", [["settings", "routing"]]],
  ["webhooks.", [["settings", "webhooks"]]],
  ["access.", [["settings", "members"], ["settings", "invitations"]]],
  ["insight.figures_changed", [["insight"]]],
  ["system.backup", [["backups"]]],
  ["inbox.label", [["inbox", "labels"]]],
];

/** Returns the cache keys that an event makes old. */
export function staleKeys(name: string): readonly (readonly unknown[])[] {
  return STALE.filter(([begin]) => name.startsWith(begin)).flatMap(([, keys]) => keys);
}

const COUNTED = new Set(["inbox.message_received", "inbox.reply_sent", "inbox.conversation_assigned", "inbox.conversation_closed", "inbox.conversation_opened", "inbox.conversation_snoozed", "inbox.conversation_woken", "inbox.note_added", "sla.clock_breached"]);
const countSoon = soon(2_000, (client: QueryClient) => void client.invalidateQueries({ queryKey: ["inbox", "counts"] }));

/** Fetches again what only the back end can tell after an event; the counts of the boxes at most once in two seconds. */
export function applyOtherEvent(client: QueryClient, event: FeedEvent): void {
  for (const queryKey of staleKeys(event.name)) void client.invalidateQueries({ queryKey });
  if (COUNTED.has(event.name)) countSoon(client);
}
