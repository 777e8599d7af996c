import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { nowMs } from "@/lib/clock";
import { t } from "@/lib/i18n";
import { mergeLists, withMessage, type Message } from "@/features/inbox/model";
import type { Part } from "@/features/inbox/parts";
import { inboxKeys, type Opened } from "@/features/inbox/live";
import { lineOf, noteLine, sendingLine } from "@/features/inbox/raw";
import type { ListFilter, Row } from "@/features/inbox/rows";

export type Label = components["schemas"]["LabelOut"];
export type Window = components["schemas"]["WindowOut"];

const PAGE = 60;
const path = (conversation_id: number) => ({ params: { path: { conversation_id } } });

/** A box of conversations, page by page, in the back end's order. */
export const listQuery = (filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: inboxKeys.list(filter),
    queryFn: ({ pageParam }) => ask(api.GET("/api/conversations", { params: { query: { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

/** How many conversations each box holds. */
export const countsQuery = queryOptions({ queryKey: inboxKeys.counts, queryFn: async () => ({ ...(await ask(api.GET("/api/conversations/counts"))) }) as Record<string, number>, staleTime: 30_000 });

/** What a search finds, best first. */
export const searchQuery = (words: string) =>
  infiniteQueryOptions({
    queryKey: ["inbox", "search", words] as const,
    queryFn: ({ pageParam }) => ask(api.GET("/api/messages/search", { params: { query: { q: words, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 10_000,
  });

/** A buyer's conversations over all channels, newest first. */
export const historyQuery = (buyerId: number) =>
  queryOptions({
    queryKey: [...inboxKeys.history, buyerId] as const,
    queryFn: async (): Promise<Row[]> => {
      const of = (box: "open" | "closed") => ask(api.GET("/api/conversations", { params: { query: { box, buyer_id: buyerId, limit: 30 } } }));
      const [open, closed] = await Promise.all([of("open"), of("closed")]);
      return [...open.items, ...closed.items];
    },
  });

export const labelsQuery = queryOptions({ queryKey: ["inbox", "labels"] as const, queryFn: async () => (await ask(api.GET("/api/labels"))).items });

/** An open chat with all that its pane needs. A fresh fetch keeps the older lines that were scrolled in. */
export const openedQuery = (id: number, client: QueryClient) =>
  queryOptions({
    queryKey: inboxKeys.opened(id),
    queryFn: async (): Promise<Opened> => opened(await ask(api.GET("/api/conversations/{conversation_id}", path(id))), client.getQueryData<Opened>(inboxKeys.opened(id))),
    staleTime: 30_000,
  });

/** Returns the answer of the back end as the cache holds it, joined to what was there before. */
export function opened(answer: components["schemas"]["ConversationOut"], before: Opened | undefined): Opened {
  const { conversation: row, messages, notes, refs, changes, ratings, draft, window } = answer;
  const fresh = mergeLists(messages.items.map(lineOf).toSorted((a, b) => a.at - b.at || (a.id ?? 0) - (b.id ?? 0)), notes.map(noteLine));
  const rest = { row, refs, changes, ratings, draft, window };
  if (!before) return { ...rest, lines: fresh, older: messages.next_cursor };
  const oldest = messages.items[0]?.id;
  const joined = messages.next_cursor === null || before.lines.some((line) => line.id !== null && line.id === oldest);
  const unsent = before.lines.filter((line) => line.id === null && line.clientId !== null);
  if (!joined) return { ...rest, lines: mergeLists(fresh, unsent), older: messages.next_cursor };
  return { ...rest, lines: mergeLists(before.lines, fresh), older: before.older };
}

/** Loads what came before the oldest line of an open chat. */
export function useOlder(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationKey: ["inbox", "older", id],
    mutationFn: async () => {
      const before = client.getQueryData<Opened>(inboxKeys.opened(id));
      if (!before?.older) return;
      const page = await ask(api.GET("/api/conversations/{conversation_id}/messages", { params: { path: { conversation_id: id }, query: { limit: 100, cursor: before.older } } }));
      client.setQueryData<Opened>(inboxKeys.opened(id), (now) => now && { ...now, lines: mergeLists(page.items.map(lineOf), now.lines), older: page.next_cursor });
    },
  });
}

export type CardChoices = components["schemas"]["CardChoicesOut"];
export type CardWish = { order_id: number } | { product_id: number };

/** What can be sent as a card here: the buyer's orders, the shop's products by words of their titles. */
export const cardsQuery = (id: number, words: string) =>
  queryOptions({ queryKey: ["inbox", "cards", id, words] as const, queryFn: () => ask(api.GET("/api/conversations/{conversation_id}/cards", { params: { path: { conversation_id: id }, query: { q: words } } })), staleTime: 30_000 });

/** Whether the buyer may be asked to rate, and why not. */
export const invitationQuery = (id: number) =>
  queryOptions({ queryKey: ["inbox", "invitation", id] as const, queryFn: () => ask(api.GET("/api/conversations/{conversation_id}/rating-invitation", path(id))), staleTime: 0, gcTime: 0 });

export interface Sending {
  reply(parts: Part[]): Promise<void>;
  /** Sends a card; `part` is what it will look like, so that it stands there at once. */
  card(wish: CardWish, part: Part): Promise<void>;
  /** Asks the buyer to rate; once in a conversation. */
  invite(): Promise<void>;
  note(text: string, mentioned?: number[]): Promise<void>;
  recall(line: Message): Promise<void>;
  /** Writes down whether a reply whose outcome nobody knows has arrived. */
  settle(line: Message, arrived: boolean): Promise<void>;
  /** Has a file fetched again that its platform did not give. */
  refetch(line: Message): Promise<void>;
}

/** Returns what puts something into a chat. A reply stands there at once, and its `client_id` makes a second try harmless. */
export function useSend(id: number, me: number): Sending {
  const client = useQueryClient();
  return useMemo(() => {
    const patch = (change: (lines: Message[]) => Message[]) => client.setQueryData<Opened>(inboxKeys.opened(id), (old) => old && { ...old, lines: change(old.lines) });
    const put = async (parts: Part[], request: (clientId: string) => Promise<components["schemas"]["ReplyOut"]>) => {
      const clientId = crypto.randomUUID();
      patch((lines) => withMessage(lines, sendingLine(clientId, me, parts, nowMs())));
      try {
        const { message } = await patiently(() => request(clientId));
        patch((lines) => withMessage(lines, lineOf(message)));
      } catch (error) {
        patch((lines) => lines.filter((line) => line.clientId !== clientId || line.id !== null));
        throw error;
      }
    };
    return {
      reply: (parts) => put(parts, (client_id) => ask(api.POST("/api/conversations/{conversation_id}/messages", { ...path(id), body: { client_id, parts: parts as Record<string, unknown>[], text: "" } }))),
      card: (wish, part) => put([part], (client_id) => ask(api.POST("/api/conversations/{conversation_id}/cards", { ...path(id), body: { client_id, ...wish } }))),
      async invite() {
        const { message } = await ask(api.POST("/api/conversations/{conversation_id}/rating-invitation", path(id)));
        patch((lines) => withMessage(lines, lineOf(message)));
      },
      async note(text, mentioned = []) {
        const note = await ask(api.POST("/api/conversations/{conversation_id}/notes", { ...path(id), body: { text, mentioned_user_ids: mentioned } }));
        patch((lines) => withMessage(lines, noteLine(note)));
      },
      async recall(line) {
        if (line.id === null) return;
        await ask(api.POST("/api/conversations/{conversation_id}/messages/{message_id}/recall", { params: { path: { conversation_id: id, message_id: line.id } } }));
      },
      async settle(line, arrived) {
        if (line.id === null) return;
        await ask(api.POST("/api/conversations/{conversation_id}/messages/{message_id}/verdict", { params: { path: { conversation_id: id, message_id: line.id } }, body: { has_arrived: arrived } }));
      },
      async refetch(line) {
        if (line.id === null) return;
        await ask(api.POST("/api/conversations/{conversation_id}/messages/{message_id}/media", { params: { path: { conversation_id: id, message_id: line.id } } }));
      },
    };
  }, [client, id, me]);
}

const RETRY_MS = [700, 1_500, 3_000, 6_000, 12_000, 20_000];

/** Tries again while the server cannot be reached: the same `client_id` is never sent twice. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const delay of RETRY_MS) {
    try {
      return await work();
    } catch (error) {
      const status = (error as { status?: number }).status;
      if (status !== 0 && status !== 502 && status !== 503 && status !== 504) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
  return work();
}

export const closeConversation = (id: number) => ask(api.POST("/api/conversations/{conversation_id}/closure", { ...path(id), body: { reason: "agent" } }));
export const reopenConversation = (id: number) => ask(api.POST("/api/conversations/{conversation_id}/reopening", { ...path(id), body: { reason: t("act.reopenReason") } }));
export const snooze = (id: number, until: number) => ask(api.PUT("/api/conversations/{conversation_id}/snooze", { ...path(id), body: { until: new Date(until).toISOString() } }));
export const wake = (id: number) => ask(api.DELETE("/api/conversations/{conversation_id}/snooze", path(id)));
export const markRead = (id: number) => ask(api.POST("/api/conversations/{conversation_id}/reads", path(id)));
export const addLabel = (id: number, labelId: number) => ask(api.PUT("/api/conversations/{conversation_id}/labels/{label_id}", { params: { path: { conversation_id: id, label_id: labelId } } }));
export const removeLabel = (id: number, labelId: number) => ask(api.DELETE("/api/conversations/{conversation_id}/labels/{label_id}", { params: { path: { conversation_id: id, label_id: labelId } } }));

/** Does one thing to many chats; each succeeds or fails for itself. */
export const actOnMany = (body: components["schemas"]["BulkIn"]) => ask(api.POST("/api/conversations/bulk", { body }));
