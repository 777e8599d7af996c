import { ms } from "@/lib/format";
import type { Part } from "@/features/inbox/parts";
import type { Message, SendState, Side } from "@/features/inbox/model";

/** A message as the back end sends it, in answers and in the feed. */
export interface RawMessage {
  id: number;
  conversation_id: number;
  role: string;
  kind: string;
  text: string;
  parts: unknown;
  is_cut?: boolean;
  occurred_at: string;
  received_at?: string;
  agent_id: number | null;
  client_id: string | null;
  state: string;
  state_reason?: string | null;
  edited_at?: string | null;
  recalled_at?: string | null;
}

const SIDES: Record<string, Side> = { buyer: "buyer", agent: "agent", bot: "bot", system: "system" };
const STATES = new Set<SendState>(["received", "queued", "sending", "delivered", "refused", "unknown"]);

/** Returns the line of the page for a message of the back end. `author` is filled in where it is shown. */
export function lineOf(raw: RawMessage): Message {
  const parts = Array.isArray(raw.parts) ? (raw.parts as Part[]) : [];
  const state = STATES.has(raw.state as SendState) ? (raw.state as SendState) : "received";
  return {
    key: String(raw.client_id ?? raw.id),
    id: raw.id,
    side: SIDES[raw.role] ?? "system",
    author: raw.agent_id === null ? "" : String(raw.agent_id),
    kind: raw.kind,
    text: raw.text,
    parts: parts.length > 0 ? parts : [{ type: "text", text: raw.text }],
    at: ms(raw.occurred_at),
    state,
    reason: raw.state_reason ?? "",
    clientId: raw.client_id,
    recalled: !!raw.recalled_at,
    edited: !!raw.edited_at,
  };
}

/** Returns the line that stands in the page from the moment somebody sends, before the server has answered. */
export function sendingLine(clientId: string, agentId: number, parts: Part[], at: number): Message {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return {
    key: clientId, id: null, side: "agent", author: String(agentId), kind: parts[0]?.type ?? "text", text, parts, at,
    state: "queued", reason: "", clientId, recalled: false, edited: false,
  };
}

/** A private note as the back end sends it. */
export interface RawNote {
  id: number;
  conversation_id?: number;
  author_id: number | null;
  author_name: string;
  text: string;
  at: string;
}

/** Returns the line of the page for a note. */
export function noteLine(note: RawNote): Message {
  return {
    key: `note-${note.id}`, id: note.id, side: "note", author: note.author_name, kind: "note", text: note.text, parts: [{ type: "text", text: note.text }],
    at: ms(note.at), state: "received", reason: "", clientId: null, recalled: false, edited: false,
  };
}
