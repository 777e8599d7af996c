import { dayKey, isSameDay } from "@/lib/format";
import type { Message } from "@/features/inbox/model";

export type TimelineItem =
  | { kind: "day"; key: string; at: number }
  | { kind: "gap"; key: string; at: number }
  | { kind: "message"; key: string; message: Message; head: boolean };

const GAP_MS = 5 * 60_000;
const SAME_HEAD_MS = 2 * 60_000;

/**
 * Returns what the conversation view shows: messages in order, a line for each new day, the time after a pause of
 * five minutes, and `head` false where the same author goes on within two minutes.
 * Shape: `messages` sorted as the back end sorts them, oldest first.
 */
export function timeline(messages: readonly Message[]): TimelineItem[] {
  const items: TimelineItem[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    const newDay = !before || !isSameDay(before.at, message.at);
    const pause = before !== undefined && message.at - before.at > GAP_MS;
    if (newDay) items.push({ kind: "day", key: `day-${dayKey(message.at)}-${message.key}`, at: message.at });
    else if (pause) items.push({ kind: "gap", key: `gap-${message.key}`, at: message.at });
    const head = newDay || pause || !before || before.side !== message.side || before.author !== message.author || message.at - before.at > SAME_HEAD_MS;
    items.push({ kind: "message", key: message.key, message, head });
    before = message;
  }
  return items;
}
