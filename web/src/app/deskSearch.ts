import type { Box } from "@/features/inbox/rows";
import { narrowingOf, type Narrowing } from "@/features/inbox/views";

const BOXES: readonly string[] = ["mine", "unassigned", "open", "waiting", "overdue", "snoozed", "closed", "mentioned"];

/** What the address of the desk says besides the open chat: the box, what narrows it, what is searched for. */
export interface DeskSearch extends Narrowing {
  box?: Box;
  q?: string;
}

/** Returns what an address asks for; what makes no sense in it is left out. */
export function deskSearch(search: Record<string, unknown>): DeskSearch {
  return {
    ...(typeof search["box"] === "string" && BOXES.includes(search["box"]) ? { box: search["box"] as Box } : {}),
    ...narrowingOf(search),
    ...(typeof search["q"] === "string" && search["q"] ? { q: search["q"] } : {}),
  };
}
