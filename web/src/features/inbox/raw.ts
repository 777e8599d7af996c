import { ms } from "@/lib/format";
import type { components } from "@/api/schema";
import type { Part } from "@/features/inbox/parts";
import type { Message, SendState, Side } from "@/features/inbox/model";

type Answer = components["schemas"]["ConversationOut"];
type Sent = Answer["messages"]["items"][number];
/** A message as the back end sends it; in the feed some fields are left out and long ones are cut. */
export type RawMessage = Pick<Sent, "id" | "conversation_id" | "role" | "kind" | "text" | "parts" | "occurred_at" | "agent_id" | "client_id" | "state"> & Partial<Sent> & { is_cut?: boolean };
export type RawNote = Answer["notes"][number];
export type RawRating = Answer["ratings"][number];
export type RawChange = Answer["changes"][number];

/** Returns the line of the page for a message of the back end. `author` of an agent is her number; names are put in later. */
export function lineOf(raw: RawMessage): Message {
  const parts = raw.parts as Part[];
  return {
    key: String(raw.client_id ?? raw.id),
    id: raw.id,
    side: raw.role,
    author: raw.agent_id === null ? "" : String(raw.agent_id),
    kind: raw.kind,
    text: raw.text,
    parts: parts.length > 0 ? parts : [{ type: "text", text: raw.text }],
    at: ms(raw.occurred_at),
    state: raw.state,
    reason: raw.state_reason ?? "",
    clientId: raw.client_id,
    recalled: !!raw.recalled_at,
    edited: !!raw.edited_at,
  };
}

const plain = (key: string, side: Side, author: string, text: string, at: number): Message => ({
  key, id: null, side, author, kind: side, text, parts: [{ type: "text", text }], at, state: "received" as SendState, reason: "", clientId: null, recalled: false, edited: false,
});

/** Returns the line that stands in the page from the moment somebody sends, before the server has answered. */
export function sendingLine(clientId: string, agentId: number, parts: Part[], at: number): Message {
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return { ...plain(clientId, "agent", String(agentId), text, at), kind: parts[0]?.type ?? "text", parts, state: "queued", clientId };
}

/** Returns the line of the page for a private note. */
export function noteLine(note: RawNote): Message {
  return { ...plain(`note-${note.id}`, "note", note.author_name, note.text, ms(note.at)), id: note.id, mentions: note.mentioned_user_ids };
}

/** Returns the line of the page for how the buyer rated the conversation. `text` is what is read aloud. */
export function ratingLine(rating: RawRating, text: string): Message {
  return { ...plain(`rating-${rating.at}`, "system", "", text, ms(rating.at)), kind: "rating", parts: [{ type: "rating", score: rating.stars, comment: rating.comment, tags: rating.tags }] };
}

/** Returns the line of the page for something that happened to the conversation. `text` is what people read. */
export function changeLine(change: RawChange, text: string): Message {
  return plain(`change-${change.id}`, "system", "", text, ms(change.at));
}
