import { t, tOr } from "@/lib/i18n";
import type { Opened } from "@/features/inbox/live";
import { mergeLists, type Message } from "@/features/inbox/model";
import { changeLine, ratingLine, type RawChange } from "@/features/inbox/raw";
import { shownName } from "@/features/inbox/text";
import type { Names } from "@/app/names";

type Known = Pick<Names, "agents" | "groups">;

/** Returns what people read about a change of a conversation: who got it, who closed it. */
export function changeText(change: RawChange, names: Known): string {
  const person = (id: number | null | undefined) => (id ? (names.agents[id] ?? t("message.colleague")) : t("change.system"));
  if (change.what === "closed") return t("change.closed", { who: person(change.by_user_id), why: tOr(`close.${change.reason}`, change.reason) });
  if (change.what === "reopened") return t("change.reopened", { who: person(change.by_user_id) });
  if (!change.agent_id) return t("change.queued", { group: change.group_id ? (names.groups[change.group_id] ?? "") : "" });
  return change.previous_agent_id ? t("change.moved", { from: person(change.previous_agent_id), to: person(change.agent_id) }) : t("change.given", { to: person(change.agent_id) });
}

const named = new WeakMap<Message, Message>();

/** Returns a line with its author's name; the same object for the same line and name, so that it is not drawn anew. */
function withAuthor(line: Message, author: string): Message {
  const known = named.get(line);
  if (known?.author === author) return known;
  const made = { ...line, author };
  named.set(line, made);
  return made;
}

/**
 * Returns the lines of an open chat as they are shown: with names, and with what happened to the conversation between
 * them. The `hidden` oldest are left out.
 */
export function shownLines(opened: Opened, names: Known, hidden = 0): Message[] {
  const from = opened.older === null && hidden === 0 ? 0 : (opened.lines[hidden]?.at ?? 0);
  const changes = opened.changes.map((change) => changeLine(change, changeText(change, names))).filter((line) => line.at >= from);
  const buyer = shownName(opened.row.buyer_name_zh, t("buyer.nameless"));
  const lines = opened.lines.slice(hidden).map((line) => {
    if (line.side === "buyer") return withAuthor(line, buyer);
    if (line.side === "agent") return withAuthor(line, names.agents[Number(line.author)] ?? t("message.colleague"));
    return line;
  });
  const ratings = opened.ratings.map((rating) => ratingLine(rating, t("message.rated", { who: buyer, n: rating.stars }))).filter((line) => line.at >= from);
  return mergeLists(lines, mergeLists(changes, ratings));
}
