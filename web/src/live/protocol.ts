/** What travels on the live socket. The back end's side is `src/miaohui/app/live.py`. */
export interface FeedEvent {
  type: "event";
  id: number;
  shop_id: number;
  name: string;
  at_ms: number;
  data: Record<string, unknown>;
}

export interface Welcome { type: "welcome"; last_id: number; server_ms: number; topics: string[]; user_id: number; shop_id: number }
export interface Resync { type: "resync"; reason: string }
export interface Signal { type: "typing" | "viewing" | "left" | "buyer_typing"; conversation_id: number; user_id?: number; name?: string }

export type ServerMessage =
  | FeedEvent
  | Welcome
  | Resync
  | Signal
  | { type: "subscribed"; topics: string[]; last_id: number }
  | { type: "pong"; server_ms: number | null }
  | { type: "rights" }
  | { type: "error"; code: string };

export type ClientMessage =
  | { type: "hello"; since: number | null; topics: string[] }
  | { type: "subscribe" | "unsubscribe"; topics: string[] }
  | { type: "ping" }
  | { type: "typing"; conversation_id: number }
  | { type: "viewing"; conversation_id: number | null };

/** Returns what the server said, or null when it is not one of ours. */
export function parseMessage(text: string): ServerMessage | null {
  try {
    const value = JSON.parse(text) as { type?: unknown };
    return typeof value.type === "string" ? (value as ServerMessage) : null;
  } catch {
    return null;
  }
}

/** Returns how long to wait before the next try. Units: milliseconds; `chance` in 0–1 spreads the crowd. */
export function retryDelayMs(failures: number, chance: number): number {
  const full = Math.min(8_000, 400 * 2 ** Math.min(failures, 10));
  return full / 2 + (full / 2) * chance;
}
