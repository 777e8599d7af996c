import text from "@/testing/sync.json?raw";
import { QueryClient, type InfiniteData } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { components } from "@/api/schema";
import type { FeedEvent } from "@/live/protocol";
import { applyInboxEvent, inboxKeys, type Opened } from "@/features/inbox/live";
import { lineOf, noteLine } from "@/features/inbox/raw";
import type { ListFilter, Row, RowPage } from "@/features/inbox/rows";
import { byTime, type Message } from "@/features/inbox/model";

/** What `tests/sync` recorded of the real application: the events of every action, and a fresh fetch after it. */
interface Step { action: string; events: FeedEvent[]; now_ms: number; lists: Record<string, Row[]>; opened: Record<string, components["schemas"]["ConversationOut"]> }
const record = JSON.parse(text) as { me: number; steps: Step[] };
const BOXES = ["open", "mine", "unassigned", "waiting", "overdue", "snoozed", "closed"] as const;

const openedOf = (answer: Step["opened"][string]): Opened => ({
  row: answer.conversation as Row, refs: answer.refs, changes: answer.changes, ratings: answer.ratings, draft: answer.draft, window: answer.window, older: null,
  lines: [...answer.messages.items.map((item) => lineOf(item as never)), ...answer.notes.map(noteLine)].toSorted(byTime),
});

function load(client: QueryClient, step: Step): void {
  for (const box of BOXES) client.setQueryData<InfiniteData<RowPage>>(inboxKeys.list({ box }), { pages: [{ items: step.lists[box]!, next_cursor: null }], pageParams: [null] });
  for (const [id, answer] of Object.entries(step.opened)) client.setQueryData(inboxKeys.opened(Number(id)), openedOf(answer));
}

const isStale = (client: QueryClient, key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated === true;
/** A file's link is signed anew with every fetch: what counts is which file it is. */
const plainLine = ({ key: _key, parts, ...line }: Message) => ({ ...line, parts: parts.map((part) => ("blob_id" in part && part.blob_id ? { ...part, url: "" } : part)) });
const rowsOf = (client: QueryClient, box: string) => client.getQueryData<InfiniteData<RowPage>>(inboxKeys.list({ box } as ListFilter))!.pages.flatMap((page) => page.items);
/** Time alone moves a chat into this box; the page asks its own clock for it. */
const BY_CLOCK = new Set(["overdue"]);

test.each(record.steps.slice(1).map((step, n) => [step.action, n + 1] as const))("after '%s' the events make of the old state what a fresh fetch shows", (_, n) => {
  const before = record.steps[n - 1]!;
  const after = record.steps[n]!;
  const client = new QueryClient();
  load(client, before);
  for (const event of after.events) applyInboxEvent(client, event, record.me, after.now_ms);
  for (const box of BOXES.filter((name) => !BY_CLOCK.has(name) && !isStale(client, inboxKeys.list({ box: name })))) {
    const sorted = (rows: Row[]) => rows.toSorted((a, b) => a.id - b.id);
    expect({ box, rows: sorted(rowsOf(client, box)) }).toEqual({ box, rows: sorted(after.lists[box]!) });
  }
  for (const [id, answer] of Object.entries(after.opened)) {
    const key = inboxKeys.opened(Number(id));
    const mine = client.getQueryData<Opened>(key);
    if (!mine || isStale(client, key)) continue;
    expect({ id, row: mine.row }).toEqual({ id, row: answer.conversation });
    expect({ id, lines: mine.lines.map(plainLine) }).toEqual({ id, lines: openedOf(answer).lines.map(plainLine) });
  }
});

test("the record has every action and every list in it moved", () => {
  expect(record.steps.length).toBeGreaterThan(35);
  for (const box of BOXES.filter((name) => name !== "overdue")) {
    expect([box, new Set(record.steps.map((step) => JSON.stringify(step.lists[box]!.map((row) => row.id)))).size > 1]).toEqual([box, true]);
  }
});
