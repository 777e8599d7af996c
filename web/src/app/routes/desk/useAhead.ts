import { useCallback } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { openedQuery } from "@/features/inbox/api";

/** Returns the conversation whose row of the list is under the pointer. */
export function rowUnder(target: EventTarget): number | undefined {
  const row = target instanceof Element ? target.closest("[role=listbox] [id^=conversation-]") : null;
  return row ? Number(row.id.slice("conversation-".length)) : undefined;
}

/** Returns what fetches a chat before it is opened: at the press that becomes a click, and the next urgent one beforehand. */
export function useAhead(): (id: number | undefined) => void {
  const client = useQueryClient();
  return useCallback((id) => { if (id !== undefined) void client.prefetchQuery(openedQuery(id, client)); }, [client]);
}
