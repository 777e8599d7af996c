import type { ClientMessage } from "@/live/protocol";

/** What of `EventSource` is used: so that tests need no network. */
export interface Source {
  onopen: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onerror: ((event: Event) => unknown) | null;
  close(): void;
}

export interface StreamDoors {
  /** Opens the stream of events at an address. */
  source(query: string): Source;
  /** Says that the person is still here; the server keeps nobody on duty who is silent. */
  beat(): void;
  typing(conversationId: number): void;
}

const SETTLE_MS = 60;

/**
 * The live feed where no WebSocket gets through: the server's event stream, behind the face of a socket.
 * The stream carries its topics in its address, so a change of topics opens it anew from the last event seen.
 */
export class EventStreamWire {
  readyState = 0;
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  private source: Source | null = null;
  private topics = new Set<string>();
  private since: number | null = null;
  private viewing: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private greeted = false;

  constructor(private readonly doors: StreamDoors) {
    this.timer = setTimeout(() => {
      this.readyState = 1;
      (this.onopen as (() => void) | null)?.();
    }, 0);
  }

  send(text: string): void {
    const message = JSON.parse(text) as ClientMessage;
    switch (message.type) {
      case "hello":
        this.topics = new Set(message.topics);
        this.since = message.since;
        this.greeted = false;
        return this.again();
      case "subscribe":
        message.topics.forEach((topic) => this.topics.add(topic));
        return this.again();
      case "unsubscribe":
        message.topics.forEach((topic) => this.topics.delete(topic));
        return this.again();
      case "viewing":
        if (this.viewing === message.conversation_id) return;
        this.viewing = message.conversation_id;
        return this.again();
      case "typing":
        return this.doors.typing(message.conversation_id);
      case "ping":
        return this.doors.beat();
    }
  }

  close(): void {
    this.readyState = 3;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /** Opens the stream with what is asked for now; several wishes in a moment make one stream. */
  private again(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.listen(), this.source ? SETTLE_MS : 0);
  }

  private listen(): void {
    this.source?.close();
    const query = new URLSearchParams();
    if (this.topics.size > 0) query.set("topics", [...this.topics].join(","));
    if (this.since !== null) query.set("since", String(this.since));
    if (this.viewing !== null) query.set("viewing", String(this.viewing));
    const source = this.doors.source(query.toString());
    this.source = source;
    source.onmessage = (event) => this.pass(source, event);
    source.onerror = () => {
      if (source !== this.source) return;
      this.close();
      (this.onclose as ((closing: { code: number }) => void) | null)?.({ code: 1006 });
    };
  }

  private pass(source: Source, event: MessageEvent): void {
    if (source !== this.source) return;
    const id = Number(event.lastEventId);
    if (event.lastEventId !== "" && Number.isSafeInteger(id)) this.since = Math.max(this.since ?? 0, id);
    const text = String(event.data);
    const message = JSON.parse(text) as { type: string; topics?: string[]; last_id?: number };
    if (message.type === "welcome") {
      if (this.greeted) return;
      this.greeted = true;
      if (this.topics.size === 0) this.topics = new Set(message.topics);
      this.since ??= message.last_id ?? null;
    }
    // A pong of the stream answers no question: its way here says nothing about the time.
    (this.onmessage as ((message: { data: string }) => void) | null)?.({ data: message.type === "pong" ? '{"type":"pong","server_ms":null}' : text });
  }
}
