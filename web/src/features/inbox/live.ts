import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { FeedEvent } from "@/live/protocol";
import type { components } from "@/api/schema";
import { withMessage, type Message, type SendState } from "@/features/inbox/model";
import { lacksLink, type Part } from "@/features/inbox/parts";
import { lineOf, noteLine, type RawMessage, type RawNote } from "@/features/inbox/raw";
import { belongs, byRecency, byUrgency, patchPages, type ListFilter, type Row, type RowPage } from "@/features/inbox/rows";

type Answer = components["schemas"]["ConversationOut"];

/** What the cache holds of an open chat. `older` is the cursor of what came before, null at the beginning. */
export interface Opened extends Pick<Answer, "refs" | "changes" | "ratings" | "draft" | "window"> {
  row: Row;
  lines: Message[];
  older: string | null;
}

export const inboxKeys = {
  lists: ["inbox", "list"] as const,
  list: (filter: ListFilter) => ["inbox", "list", filter] as const,
  opened: (id: number) => ["inbox", "opened", id] as const,
  counts: ["inbox", "counts"] as const,
  history: ["inbox", "history"] as const,
};

interface Facts {
  conversation?: Row;
  conversation_id?: number;
  message?: RawMessage;
  note?: RawNote;
  message_id?: number;
  client_id?: string | null;
  state?: string;
  reason?: string | null;
  text?: string;
  parts?: Part[];
  label_ids?: number[];
}

/** Returns the lines after an event of their conversation; the same list when it says nothing about them. */
export function patchLines(lines: Message[], name: string, facts: Facts): Message[] {
  if (facts.message && !facts.message.is_cut) return withMessage(lines, lineOf(facts.message));
  // Events of other rooms carry a `note` too: the word of a hand-over is a plain text.
  if (facts.note && name === "inbox.note_added") return withMessage(lines, noteLine(facts.note));
  const isIt = (line: Message) => line.side !== "note" && ((facts.message_id !== undefined && line.id === facts.message_id) || (!!facts.client_id && line.clientId === facts.client_id));
  const target = lines.find(isIt);
  if (!target) return lines;
  if (name === "inbox.message_recalled") return withMessage(lines, { ...target, recalled: true });
  if (name === "inbox.message_edited" && facts.text !== undefined) {
    return withMessage(lines, { ...target, text: facts.text, parts: facts.parts ?? [{ type: "text", text: facts.text }], edited: true });
  }
  if (name === "inbox.message_media" && facts.parts) return withMessage(lines, { ...target, parts: facts.parts });
  if (!facts.state) return lines;
  return withMessage(lines, { ...target, id: facts.message_id ?? target.id, state: facts.state as SendState, reason: facts.reason === undefined ? target.reason : (facts.reason ?? "") });
}

/** Events after which the open chat is fetched again: its history, its window or its files changed. */
const REFETCH = new Set(["inbox.conversation_assigned", "inbox.conversation_closed", "inbox.conversation_erased", "inbox.conversation_opened", "inbox.conversation_reopened", "inbox.conversation_rated", "inbox.conversation_moved"]);

function needsFetch(name: string, facts: Facts, opened: Opened): boolean {
  if (REFETCH.has(name) || facts.message?.is_cut) return true;
  if (facts.message && (facts.message.parts as never[]).some(lacksLink)) return true;
  if (facts.parts?.some(lacksLink)) return true;
  const limited = opened.window !== null && (opened.window.remaining !== null || opened.window.closes_at !== null || !opened.window.is_open);
  return limited && (name === "inbox.message_received" || name === "inbox.reply_sent");
}

function patchLists(client: QueryClient, row: Row, me: number, now: number): void {
  for (const [key, data] of client.getQueriesData<InfiniteData<RowPage>>({ queryKey: inboxKeys.lists })) {
    if (!data) continue;
    const filter = key[2] as ListFilter;
    const isIn = belongs(row, filter, me, now);
    if (isIn === null) {
      void client.invalidateQueries({ queryKey: key, exact: true });
      continue;
    }
    const known = data.pages.flatMap((page) => page.items).find((item) => item.id === row.id);
    const full = { ...row, label_ids: row.label_ids ?? known?.label_ids ?? [] };
    const pages = patchPages(data.pages, full, isIn, filter.box === "closed" ? byRecency : byUrgency);
    if (pages !== data.pages) client.setQueryData<InfiniteData<RowPage>>(key, { ...data, pages });
  }
}

/** Returns the row of an event, with the labels that the event tells beside it. */
function withLabels(facts: Facts): Row | undefined {
  return facts.conversation && facts.label_ids ? { ...facts.conversation, label_ids: facts.label_ids } : facts.conversation;
}

/**
 * Puts an event of the inbox into the cache, so that lists and the open chat are what a fresh fetch would bring.
 * What only the back end can know (mentions, windows, signed links, very long texts) is fetched again where it is shown.
 */
export function applyInboxEvent(client: QueryClient, event: FeedEvent, me: number, now: number): void {
  const facts = event.data as Facts;
  const row = withLabels(facts);
  if (row) patchLists(client, row, me, now);
  const id = row?.id ?? facts.conversation_id ?? facts.message?.conversation_id;
  const opened = id === undefined ? undefined : client.getQueryData<Opened>(inboxKeys.opened(id));
  if (id === undefined || !opened) return;
  const lines = patchLines(opened.lines, event.name, facts);
  const fresh = row && row.version >= opened.row.version ? { ...opened.row, ...row } : opened.row;
  if (lines !== opened.lines || fresh !== opened.row) client.setQueryData<Opened>(inboxKeys.opened(id), { ...opened, lines, row: fresh });
  if (needsFetch(event.name, facts, opened)) void client.invalidateQueries({ queryKey: inboxKeys.opened(id) });
}
