import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { FeedEvent } from "@/live/protocol";
import { withMessage, type Message, type SendState } from "@/features/inbox/model";
import { lineOf, noteLine, type RawMessage, type RawNote } from "@/features/inbox/raw";
import { belongs, byRecency, byUrgency, patchPages, type ListFilter, type Row, type RowPage } from "@/features/inbox/rows";

/** What the cache holds of one conversation's lines. `older` is the cursor of what came before, null at the beginning. */
export interface Lines {
  items: Message[];
  older: string | null;
}

export const inboxKeys = {
  lists: ["inbox", "list"] as const,
  list: (filter: ListFilter) => ["inbox", "list", filter] as const,
  row: (id: number) => ["inbox", "row", id] as const,
  lines: (id: number) => ["inbox", "lines", id] as const,
  counts: ["inbox", "counts"] as const,
};

interface Facts {
  conversation?: Row;
  message?: RawMessage;
  note?: RawNote;
  message_id?: number;
  client_id?: string | null;
  state?: string;
  reason?: string;
  text?: string;
}

/** Returns the lines after an event of their conversation; the same object when it says nothing about them. */
export function patchLines(lines: Lines, name: string, facts: Facts): Lines {
  const items = changed(lines.items, name, facts);
  return items === lines.items ? lines : { ...lines, items };
}

function changed(items: Message[], name: string, facts: Facts): Message[] {
  if (facts.message && !facts.message.is_cut) return withMessage(items, lineOf(facts.message));
  if (facts.note) return withMessage(items, noteLine(facts.note));
  const target = items.find((m) => m.side !== "note" && ((facts.message_id !== undefined && m.id === facts.message_id) || (!!facts.client_id && m.clientId === facts.client_id)));
  if (!target) return items;
  if (name === "inbox.message_recalled") return withMessage(items, { ...target, recalled: true });
  if (name === "inbox.message_edited" && facts.text !== undefined) {
    return withMessage(items, { ...target, text: facts.text, parts: [{ type: "text", text: facts.text }], edited: true });
  }
  if (!facts.state) return items;
  return withMessage(items, { ...target, id: facts.message_id ?? target.id, state: facts.state as SendState, reason: facts.reason ?? target.reason });
}

/**
 * Puts an event of the inbox into the cache, so that lists and the open chat are what a fresh fetch would bring.
 * What only the back end can know (labels, mentions, counts, very long texts) is fetched again where it is shown.
 */
export function applyInboxEvent(client: QueryClient, event: FeedEvent, me: number, now: number): void {
  const facts = event.data as Facts;
  const row = facts.conversation;
  if (row) {
    for (const [key, data] of client.getQueriesData<InfiniteData<RowPage>>({ queryKey: inboxKeys.lists })) {
      if (!data) continue;
      const filter = key[2] as ListFilter;
      const isIn = belongs(row, filter, me, now);
      if (isIn === null) void client.invalidateQueries({ queryKey: key, exact: true });
      else {
        const pages = patchPages(data.pages, row, isIn, filter.box === "closed" ? byRecency : byUrgency);
        if (pages !== data.pages) client.setQueryData<InfiniteData<RowPage>>(key, { ...data, pages });
      }
    }
    client.setQueryData<Row>(inboxKeys.row(row.id), (old) => (old && old.version > row.version ? old : old ? { ...old, ...row } : old));
  }
  const id = row?.id ?? facts.message?.conversation_id ?? facts.note?.conversation_id;
  if (id === undefined) return;
  const key = inboxKeys.lines(id);
  const lines = client.getQueryData<Lines>(key);
  if (!lines) return;
  if (facts.message?.is_cut) void client.invalidateQueries({ queryKey: key });
  const patched = patchLines(lines, event.name, facts);
  if (patched !== lines) client.setQueryData<Lines>(key, patched);
}
