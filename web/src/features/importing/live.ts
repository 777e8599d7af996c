import type { QueryClient } from "@tanstack/react-query";
import type { FeedEvent } from "@/live/protocol";
import { afterEvent } from "@/features/importing/model";
import { tray } from "@/features/importing/tray";

/** Follows the imports of this person: their progress on the tray, their end in the history. */
export function applyImportEvent(client: QueryClient, event: FeedEvent): void {
  if (!event.name.startsWith("importing.")) return;
  tray.set((items) => afterEvent(items, { name: event.name, data: event.data as Record<string, unknown> }));
  if (event.name === "importing.progress") return;
  void client.invalidateQueries({ queryKey: ["imports", "list"] });
  void client.invalidateQueries({ queryKey: ["insight"] });
}
