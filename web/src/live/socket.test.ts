import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resetClock, nowMs } from "@/lib/clock";
import { LiveSocket } from "@/live/socket";
import { retryDelayMs, type FeedEvent, type Signal } from "@/live/protocol";

class FakeWire {
  readyState = 1;
  sent: Record<string, unknown>[] = [];
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  send(text: string): void { this.sent.push(JSON.parse(text) as Record<string, unknown>); }
  close(): void { this.readyState = 3; }
  opens(): void { (this.onopen as () => void)(); }
  says(message: object): void { (this.onmessage as (m: { data: string }) => void)({ data: JSON.stringify(message) }); }
  breaks(code = 1006): void { this.readyState = 3; (this.onclose as (e: { code: number }) => void)({ code }); }
}

const wires: FakeWire[] = [];
const streams: FakeWire[] = [];
const seen = { events: [] as FeedEvent[], resyncs: [] as string[], signals: [] as Signal[], ended: 0, rights: 0, holds: true as boolean | null };
const last = () => wires[wires.length - 1]!;
const event = (id: number) => ({ type: "event", id, shop_id: 1, name: "inbox.message_received", at_ms: 0, data: {} });
const welcome = (lastId: number) => ({ type: "welcome", last_id: lastId, server_ms: 1_000_000, topics: ["agent:5", "group:2"], user_id: 5, shop_id: 1 });

function start(): LiveSocket {
  const socket = new LiveSocket(() => { const wire = new FakeWire(); wires.push(wire); return wire; }, {
    onEvent: (e) => seen.events.push(e),
    onResync: (r) => seen.resyncs.push(r),
    onSignal: (s) => seen.signals.push(s),
    onEnded: () => { seen.ended += 1; },
    onRights: () => { seen.rights += 1; },
    sessionHolds: () => Promise.resolve(seen.holds),
  }, () => { const wire = new FakeWire(); streams.push(wire); return wire; });
  socket.connect();
  last().opens();
  return socket;
}

beforeEach(() => {
  vi.useFakeTimers();
  resetClock(0);
  wires.length = 0;
  streams.length = 0;
  seen.events = []; seen.resyncs = []; seen.signals = []; seen.ended = 0; seen.rights = 0; seen.holds = true;
});
afterEach(() => vi.useRealTimers());

test("the first hello asks for one's own topics and then fetches once", () => {
  const socket = start();
  expect(last().sent[0]).toEqual({ type: "hello", since: null, topics: [] });
  last().says(welcome(40));
  expect(seen.resyncs).toEqual(["first"]);
  expect(socket.state.get()).toBe("live");
});

test("after a break it asks for what came since the last event, and for all its topics", () => {
  const socket = start();
  last().says(welcome(40));
  socket.follow("conversation:9");
  last().says(event(41));
  last().breaks();
  expect(socket.state.get()).toBe("lost");
  vi.advanceTimersByTime(1_000);
  last().opens();
  expect(last().sent[0]).toEqual({ type: "hello", since: 41, topics: ["agent:5", "group:2", "conversation:9"] });
  last().says(welcome(50));
  expect(seen.resyncs).toEqual(["first"]);
});

test("an event that comes twice is applied once", () => {
  start();
  last().says(welcome(40));
  for (const id of [41, 42, 41, 42, 43]) last().says(event(id));
  expect(seen.events.map((e) => e.id)).toEqual([41, 42, 43]);
});

test("replayed events older than the welcome are applied, and the pong closes the gap", () => {
  start();
  last().says(welcome(40));
  last().breaks();
  vi.advanceTimersByTime(1_000);
  last().opens();
  last().says(welcome(90));
  last().says(event(60));
  expect(seen.events.map((e) => e.id)).toEqual([60]);
  last().says({ type: "pong", server_ms: 1_000_100 });
  last().breaks();
  vi.advanceTimersByTime(1_000);
  last().opens();
  expect(last().sent[0]).toMatchObject({ since: 90 });
});

test("a resync makes the pages fetch and goes on from the newest id", () => {
  start();
  last().says(welcome(40));
  last().says({ type: "resync", reason: "lagging" });
  expect(seen.resyncs).toEqual(["first", "lagging"]);
});

test("a server that does not answer pings is left within eight seconds", () => {
  const socket = start();
  last().says(welcome(40));
  last().says({ type: "pong", server_ms: 1_000_000 });
  vi.advanceTimersByTime(15_000);
  expect(socket.state.get()).toBe("live");
  vi.advanceTimersByTime(8_100);
  expect(socket.state.get()).toBe("lost");
});

test("an expired session ends the socket instead of trying again", () => {
  const socket = start();
  last().breaks(4401);
  vi.advanceTimersByTime(60_000);
  expect(seen.ended).toBe(1);
  expect(socket.state.get()).toBe("ended");
  expect(wires).toHaveLength(1);
});

test("a refused connection asks whether the session holds, and ends when it does not", async () => {
  const socket = start();
  last().says(welcome(1));
  last().breaks();
  seen.holds = false;
  vi.advanceTimersByTime(1_000);
  last().breaks();
  await vi.advanceTimersByTimeAsync(10);
  expect(socket.state.get()).toBe("ended");
  expect(seen.ended).toBe(1);
});

test("where the server answers but no socket gets through, the event stream is taken after two tries", async () => {
  const socket = start();
  last().breaks();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([wires.length, streams.length]).toEqual([2, 0]);
  last().breaks();
  await vi.advanceTimersByTimeAsync(2_000);
  expect([wires.length, streams.length]).toEqual([2, 1]);
  streams[0]!.opens();
  streams[0]!.says(welcome(40));
  expect(socket.state.get()).toBe("live");
  streams[0]!.breaks();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(wires.length).toBe(3);
});

test("a proxy that takes the socket and says nothing is found out too", async () => {
  start();
  await vi.advanceTimersByTimeAsync(8_100);
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.advanceTimersByTimeAsync(8_100);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(streams.length).toBe(1);
});

test("a server that is away is not taken for a network without sockets", async () => {
  start();
  seen.holds = null;
  for (let n = 0; n < 5; n++) { last().breaks(); await vi.advanceTimersByTimeAsync(8_000); }
  expect([wires.length, streams.length]).toEqual([6, 0]);
});

test("when rights changed, one's own topics are asked for anew and everything is fetched again", () => {
  const socket = start();
  last().says(welcome(40));
  socket.follow("conversation:9");
  last().says({ type: "rights" });
  expect(seen.rights).toBe(1);
  expect(last().sent.filter((m) => m["type"] === "hello").at(-1)).toEqual({ type: "hello", since: 40, topics: [] });
  last().says({ ...welcome(41), topics: ["agent:5"] });
  expect(seen.resyncs).toEqual(["first", "first"]);
  expect(last().sent.at(-1)).toEqual({ type: "subscribe", topics: ["conversation:9"] });
});

test("a topic followed twice is left when the second follower goes", () => {
  const socket = start();
  last().says(welcome(1));
  const first = socket.follow("conversation:9");
  const second = socket.follow("conversation:9");
  first();
  expect(last().sent.filter((m) => m["type"] === "unsubscribe")).toHaveLength(0);
  second();
  expect(last().sent.filter((m) => m["type"] === "unsubscribe")).toEqual([{ type: "unsubscribe", topics: ["conversation:9"] }]);
});

test("the welcome sets the clock of the page", () => {
  start();
  last().says(welcome(1));
  expect(Math.abs(nowMs() - 1_000_000)).toBeLessThan(1_000);
});

test("waiting grows with failures and never passes eight seconds", () => {
  expect(retryDelayMs(0, 0)).toBe(200);
  expect(retryDelayMs(3, 1)).toBe(3_200);
  expect(retryDelayMs(50, 1)).toBe(8_000);
});
