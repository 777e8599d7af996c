import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStreamWire, type Source } from "@/live/stream";

class FakeSource implements Source {
  onopen = null;
  onmessage: ((event: MessageEvent) => unknown) | null = null;
  onerror: ((event: Event) => unknown) | null = null;
  closed = false;
  constructor(readonly query: string) {}
  close(): void { this.closed = true; }
  says(data: object, lastEventId = ""): void { this.onmessage?.({ data: JSON.stringify(data), lastEventId } as MessageEvent); }
}

let sources: FakeSource[];
let heard: { type: string }[];
let beats: number;
let typed: number[];
let closings: number[];

function wire(): EventStreamWire {
  const made = new EventStreamWire({ source: (query) => { const source = new FakeSource(query); sources.push(source); return source; }, beat: () => { beats += 1; }, typing: (id) => typed.push(id) });
  made.onmessage = (message: { data: string }) => heard.push(JSON.parse(message.data) as { type: string });
  made.onclose = (closing: { code: number }) => closings.push(closing.code);
  made.onopen = () => made.send(JSON.stringify({ type: "hello", since: null, topics: [] }));
  vi.advanceTimersByTime(5);
  return made;
}
const say = (to: EventStreamWire, message: object) => to.send(JSON.stringify(message));
const last = () => sources[sources.length - 1]!;
const welcome = { type: "welcome", last_id: 40, server_ms: 1, topics: ["agent:5"] };

beforeEach(() => { vi.useFakeTimers(); sources = []; heard = []; beats = 0; typed = []; closings = []; });
afterEach(() => vi.useRealTimers());

test("a change of topics goes on from the last event, in one new stream, and nobody is welcomed twice", () => {
  const stream = wire();
  expect(last().query).toBe("");
  last().says(welcome);
  last().says({ type: "event", id: 41 }, "41");
  say(stream, { type: "subscribe", topics: ["conversation:9"] });
  say(stream, { type: "viewing", conversation_id: 9 });
  vi.advanceTimersByTime(100);
  expect(sources).toHaveLength(2);
  expect(sources[0]!.closed).toBe(true);
  expect(new URLSearchParams(last().query).get("topics")).toBe("agent:5,conversation:9");
  expect(last().query).toContain("since=41&viewing=9");
  last().says({ ...welcome, last_id: 41 });
  expect(heard.map((message) => message.type)).toEqual(["welcome", "event"]);
});

test("an event of a stream that was left is not heard twice", () => {
  const stream = wire();
  last().says(welcome);
  const old = last();
  say(stream, { type: "subscribe", topics: ["conversation:9"] });
  vi.advanceTimersByTime(100);
  old.says({ type: "event", id: 41 }, "41");
  expect(heard).toHaveLength(1);
});

test("a ping says that one is here, typing goes its own way, a pong tells no time", () => {
  const stream = wire();
  say(stream, { type: "ping" });
  say(stream, { type: "typing", conversation_id: 9 });
  last().says({ type: "pong", server_ms: 99 });
  expect([beats, typed, heard]).toEqual([1, [9], [{ type: "pong", server_ms: null }]]);
});

test("a broken stream is said to be closed once, and nothing more is heard of it", () => {
  wire();
  const source = last();
  source.onerror?.(new Event("error"));
  source.onerror?.(new Event("error"));
  source.says(welcome);
  expect([closings, heard, source.closed]).toEqual([[1006], [], true]);
});
