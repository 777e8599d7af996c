import { QueryClient, type InfiniteData } from "@tanstack/react-query";
import { beforeEach, expect, test } from "vitest";
import type { FeedEvent } from "@/live/protocol";
import { applyInboxEvent, inboxKeys, patchLines, type Opened } from "@/features/inbox/live";
import { lineOf, sendingLine, type RawMessage } from "@/features/inbox/raw";
import type { Part } from "@/features/inbox/parts";
import type { Row, RowPage } from "@/features/inbox/rows";

const iso = (s: number) => new Date(s * 1_000).toISOString();
const row = (id: number, change: Partial<Row> = {}): Row => ({
  id, buyer_id: id, buyer_name_zh: `买家${id}`, channel: "widget", account_id: 1, entry: "other", status: "open", group_id: 7, agent_id: 5, priority: 0,
  due_at: null, waiting_since: null, last_message_at: iso(100), last_role: "buyer", last_text: "在吗", unread_count: 0, message_count: 1, snoozed_until: null,
  opened_at: iso(1), closed_at: null, buyer_read_at: null, version: 1, label_ids: [], ...change });
const raw = (id: number, change: Partial<RawMessage> = {}): RawMessage => ({
  id, conversation_id: 1, role: "buyer", kind: "text", text: `第${id}句`, parts: [{ type: "text", text: `第${id}句` }], occurred_at: iso(id), agent_id: null, client_id: null, state: "received", ...change });
const event = (name: string, data: object): FeedEvent => ({ type: "event", id: 1, shop_id: 1, name, at_ms: 0, data: data as Record<string, unknown> });
const listed = (rows: Row[]): InfiniteData<RowPage> => ({ pages: [{ items: rows, next_cursor: null }], pageParams: [null] });

let client: QueryClient;
const rowsIn = (box: "mine" | "unassigned" | "closed") =>
  client.getQueryData<InfiniteData<RowPage>>(inboxKeys.list({ box }))!.pages.flatMap((p) => p.items.map((r) => r.id));

beforeEach(() => {
  client = new QueryClient();
  client.setQueryData(inboxKeys.list({ box: "mine" }), listed([row(1), row(2, { last_message_at: iso(50) })]));
  client.setQueryData(inboxKeys.list({ box: "unassigned" }), listed([]));
  client.setQueryData(inboxKeys.list({ box: "closed" }), listed([]));
  client.setQueryData<Opened>(inboxKeys.opened(1), { row: row(1), lines: [lineOf(raw(1))], older: null, refs: {}, changes: [], ratings: [], draft: null, window: null });
});

const apply = (name: string, data: object) => applyInboxEvent(client, event(name, data), 5, 1_000_000);

test("a buyer's message moves its row to the top and stands at the end of the open chat", () => {
  apply("inbox.message_received", { message: raw(3, { conversation_id: 2 }), conversation: row(2, { due_at: iso(2_000), waiting_since: iso(1_000), version: 2 }) });
  apply("inbox.message_received", { message: raw(4), conversation: row(1, { version: 2 }) });
  expect(rowsIn("mine")).toEqual([2, 1]);
  expect(client.getQueryData<Opened>(inboxKeys.opened(1))!.lines.map((m) => m.id)).toEqual([1, 4]);
});

test("a chat that is handed over leaves my list, one that is put back stands in the queue", () => {
  apply("inbox.conversation_assigned", { conversation: row(1, { agent_id: 6, version: 2 }) });
  apply("inbox.conversation_assigned", { conversation: row(2, { agent_id: null, version: 2 }) });
  expect(rowsIn("mine")).toEqual([]);
  expect(rowsIn("unassigned")).toEqual([2]);
});

test("a chat that ends moves to the closed ones", () => {
  apply("inbox.conversation_closed", { conversation: row(1, { status: "closed", closed_at: iso(900), version: 2 }) });
  expect([rowsIn("mine"), rowsIn("closed")]).toEqual([[2], [1]]);
});

test("the states of a reply follow each other by client_id first and message id later, and never backwards", () => {
  let lines = [sendingLine("c1", 5, [{ type: "text", text: "您好" }], 5_000)];
  lines = patchLines(lines, "inbox.reply_queued", { message_id: 9, client_id: "c1", state: "queued" });
  lines = patchLines(lines, "inbox.reply_sent", { message_id: 9, client_id: "c1", state: "delivered" });
  lines = patchLines(lines, "inbox.reply_sending", { message_id: 9, client_id: "c1", state: "sending" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ id: 9, key: "c1", state: "delivered" });
});

test("the word of a hand-over is no note: it changes no line", () => {
  const before = [lineOf(raw(1))];
  expect(patchLines(before, "routing.conversation_placed", { conversation_id: 1, note: "她身高 160" } as never)).toBe(before);
});

test("a refusal carries its reason", () => {
  const lines = patchLines([lineOf(raw(9, { role: "agent", state: "sending" }))], "inbox.reply_refused", { message_id: 9, state: "refused", reason: "买家已拉黑" });
  expect(lines[0]).toMatchObject({ state: "refused", reason: "买家已拉黑" });
});

test("a recall and an edit change the line they name and no other", () => {
  const before = [lineOf(raw(1)), lineOf(raw(2))];
  const after = patchLines(patchLines(before, "inbox.message_recalled", { message_id: 1 }), "inbox.message_edited", { message_id: 2, text: "改过" });
  expect(after.map((m) => [m.recalled, m.edited, m.text])).toEqual([[true, false, "第1句"], [false, true, "改过"]]);
  expect(patchLines(before, "inbox.message_recalled", { message_id: 77 })).toBe(before);
});

test("a file that came late takes its place in its line, and what lacks its link is fetched", () => {
  const picture = lineOf(raw(5, { kind: "image", parts: [{ type: "image", problem: "fetching" }] }));
  const failed = patchLines([picture], "inbox.message_media", { message_id: 5, parts: [{ type: "image", problem: "expired" }] });
  expect(failed[0]!.parts).toEqual([{ type: "image", problem: "expired" }]);
  apply("inbox.message_media", { message_id: 1, parts: [{ type: "image", blob_id: "9" }], conversation: row(1) });
  expect(client.getQueryState(inboxKeys.opened(1))!.isInvalidated).toBe(true);
});

test("an edit brings the parts of the message, not its text alone", () => {
  const parts: Part[] = [{ type: "text", text: "这件" }, { type: "image", problem: "fetching" }];
  const lines = patchLines([lineOf(raw(1))], "inbox.message_edited", { message_id: 1, text: "这件 [图片]", parts });
  expect(lines[0]).toMatchObject({ edited: true, text: "这件 [图片]", parts });
});

test("a note stands among the messages, at its time", () => {
  const lines = patchLines([lineOf(raw(1)), lineOf(raw(9))], "inbox.note_added", { note: { id: 4, author_id: 5, author_name: "小雨", mentioned_user_ids: [], text: "留意", at: iso(5) } });
  expect(lines.map((m) => m.side)).toEqual(["buyer", "note", "buyer"]);
});

test("an event twice is the same as once", () => {
  const data = { message: raw(4), conversation: row(1, { version: 2, unread_count: 1 }) };
  apply("inbox.message_received", data);
  const once = structuredClone([client.getQueryData(inboxKeys.list({ box: "mine" })), client.getQueryData(inboxKeys.opened(1))]);
  apply("inbox.message_received", data);
  expect([client.getQueryData(inboxKeys.list({ box: "mine" })), client.getQueryData(inboxKeys.opened(1))]).toEqual(once);
});
