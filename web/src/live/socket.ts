import { learnServerTime, steadyMs } from "@/lib/clock";
import { createStore } from "@/lib/store";
import { parseMessage, retryDelayMs, type ClientMessage, type FeedEvent, type ServerMessage, type Signal } from "@/live/protocol";

export type LiveState = "connecting" | "live" | "lost" | "ended";
type Wire = Pick<WebSocket, "send" | "close" | "readyState"> & {
  onopen: unknown; onmessage: unknown; onclose: unknown;
};

export interface LiveHandlers {
  onEvent(event: FeedEvent): void;
  /** Everything that was fetched may be old: fetch it again. */
  onResync(reason: string): void;
  onSignal(signal: Signal): void;
  /** What the person may do has changed. */
  onRights(): void;
  /** The session is over: log in again. */
  onEnded(): void;
  /** Tells whether the session still holds, null when the server is not reached; asked when a connection got no welcome. */
  sessionHolds(): Promise<boolean | null>;
}

const PING_MS = 15_000;
const PONG_LIMIT_MS = 8_000;
const OPEN_LIMIT_MS = 8_000;
const TRIES_BEFORE_STREAM = 2;
const SESSION_OVER = 4401;
const OPEN = 1;

/**
 * One socket to the live feed. After a break it asks for what came since the last event it saw, so that nothing is
 * lost; when the server cannot tell any more, it says `resync`. Topics are counted: two panes may follow one chat.
 */
export class LiveSocket {
  readonly state = createStore<LiveState>("connecting");
  private wire: Wire | null = null;
  private lastId: number | null = null;
  private welcomeId = 0;
  private readonly own = new Set<string>();
  private readonly counts = new Map<string, number>();
  private failures = 0;
  private pingSentAt = 0;
  private timers = new Map<string, ReturnType<typeof setTimeout>>();
  private viewing: number | null = null;
  /** How often in a row the server was there, but no socket got through to it. */
  private barred = 0;
  private greeted = false;

  /** `fallback` opens the event stream: for networks that let no WebSocket through. */
  constructor(
    private readonly open: () => Wire,
    private readonly handlers: LiveHandlers,
    private readonly fallback: (() => Wire) | null = null,
  ) {}

  /** Connects, or connects at once when it was waiting for the next try. */
  connect(): void {
    if (this.wire || this.state.get() === "ended") return;
    this.clear("retry");
    this.state.set(this.failures === 0 ? "connecting" : "lost");
    const wire = this.fallback !== null && this.barred >= TRIES_BEFORE_STREAM ? this.fallback() : this.open();
    this.wire = wire;
    this.greeted = false;
    this.later("open", OPEN_LIMIT_MS, () => this.drop());
    wire.onopen = () => {
      this.clear("open");
      this.hello();
    };
    wire.onmessage = (message: { data: unknown }) => {
      if (wire === this.wire) this.receive(parseMessage(String(message.data)));
    };
    wire.onclose = (closing: { code?: number }) => {
      if (wire !== this.wire) return;
      this.closed(closing.code ?? 1006);
    };
  }

  /** Finds out why there was no welcome: no session, no server, or a network that lets only plain requests through. */
  private async askSession(): Promise<void> {
    const holds = await this.handlers.sessionHolds();
    if (this.state.get() === "ended" || holds === null) return;
    if (holds) {
      this.barred += 1;
      return;
    }
    this.end();
    this.handlers.onEnded();
  }

  /** Ends the connection for good. */
  end(): void {
    this.state.set("ended");
    for (const name of this.timers.keys()) this.clear(name);
    const wire = this.wire;
    this.wire = null;
    wire?.close();
  }

  /** Follows a topic until the returned function is called. */
  follow(topic: string): () => void {
    const count = this.counts.get(topic) ?? 0;
    this.counts.set(topic, count + 1);
    if (count === 0 && !this.own.has(topic)) this.send({ type: "subscribe", topics: [topic] });
    return () => this.unfollow(topic);
  }

  private unfollow(topic: string): void {
    const count = (this.counts.get(topic) ?? 0) - 1;
    if (count > 0) {
      this.counts.set(topic, count);
      return;
    }
    this.counts.delete(topic);
    if (!this.own.has(topic)) this.send({ type: "unsubscribe", topics: [topic] });
  }

  /** Tells colleagues which conversation is on the screen. */
  view(conversationId: number | null): void {
    this.viewing = conversationId;
    this.send({ type: "viewing", conversation_id: conversationId });
  }

  /** Tells the buyer and colleagues that somebody is typing. */
  typing(conversationId: number): void {
    this.send({ type: "typing", conversation_id: conversationId });
  }

  private send(message: ClientMessage): void {
    if (this.wire?.readyState === OPEN) this.wire.send(JSON.stringify(message));
  }

  private hello(): void {
    this.send({ type: "hello", since: this.lastId, topics: this.own.size > 0 ? [...this.own, ...this.counts.keys()] : [] });
    this.ping();
  }

  private ping(): void {
    this.pingSentAt = steadyMs();
    this.send({ type: "ping" });
    this.later("pong", PONG_LIMIT_MS, () => this.drop());
    this.later("ping", PING_MS, () => this.ping());
  }

  private receive(message: ServerMessage | null): void {
    switch (message?.type) {
      case "welcome":
        return this.welcomed(message.last_id, message.server_ms, message.topics);
      case "event":
        if (this.lastId !== null && message.id <= this.lastId) return;
        this.lastId = message.id;
        return this.handlers.onEvent(message);
      case "resync":
        this.lastId = Math.max(this.welcomeId, this.lastId ?? 0);
        return this.handlers.onResync(message.reason);
      case "rights":
        return this.rights();
      case "pong":
        return this.ponged(message.server_ms);
      case "typing":
      case "viewing":
      case "left":
      case "buyer_typing":
        return this.handlers.onSignal(message);
    }
  }

  private welcomed(lastId: number, serverMs: number, topics: string[]): void {
    learnServerTime(serverMs, this.pingSentAt);
    const first = this.own.size === 0;
    this.welcomeId = lastId;
    this.failures = 0;
    this.barred = 0;
    this.greeted = true;
    if (first) {
      this.lastId = lastId;
      for (const topic of topics) this.own.add(topic);
      const extra = [...this.counts.keys()].filter((topic) => !this.own.has(topic));
      if (extra.length > 0) this.send({ type: "subscribe", topics: extra });
    }
    if (this.viewing !== null) this.view(this.viewing);
    this.state.set("live");
    if (first) this.handlers.onResync("first");
  }

  /** The answer to a ping comes after everything that was missed: now all of it is seen. */
  private ponged(serverMs: number | null): void {
    this.clear("pong");
    if (serverMs !== null) learnServerTime(serverMs, this.pingSentAt);
    if (this.lastId === null || this.lastId < this.welcomeId) this.lastId = this.welcomeId;
  }

  /** One's own topics follow one's rights: they are asked for anew, and all that is shown is fetched again. */
  private rights(): void {
    this.own.clear();
    this.handlers.onRights();
    this.hello();
  }

  private drop(): void {
    const wire = this.wire;
    if (!wire) return;
    this.closed(1006);
    wire.close();
  }

  private closed(code: number): void {
    this.wire = null;
    for (const name of ["open", "ping", "pong"]) this.clear(name);
    if (this.state.get() === "ended") return;
    if (code === SESSION_OVER) {
      this.end();
      this.handlers.onEnded();
      return;
    }
    if (!this.greeted) void this.askSession();
    this.state.set("lost");
    this.later("retry", retryDelayMs(this.failures++, Math.random()), () => this.connect());
  }

  private later(name: string, delayMs: number, run: () => void): void {
    this.clear(name);
    this.timers.set(name, setTimeout(run, delayMs));
  }

  private clear(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}
