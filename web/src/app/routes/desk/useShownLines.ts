import { useCallback, useMemo, useState } from "react";
import type { Opened } from "@/features/inbox/live";
import type { Message } from "@/features/inbox/model";
import { shownLines } from "@/app/routes/desk/shownLines";
import type { Names } from "@/app/names";

/** How many lines are drawn at first, and how many more when somebody scrolls up to them. */
const FIRST = 150;
const MORE = 250;

/** Returns how many of the oldest lines stay hidden: what was chosen, but never so many that fewer than `first` are left. */
export function hiddenOf(chosen: number | null, count: number, first = FIRST): number {
  return Math.min(chosen ?? count, Math.max(0, count - first));
}

/**
 * Returns the lines of an open chat that are worth the work: the newest, and older ones as somebody scrolls up to them.
 * A chat of ten thousand lines opens like one of a hundred. `onOlder` shows what the browser has, then fetches.
 */
export function useShownLines(opened: Opened | undefined, names: Names, fetchOlder: () => void): { messages: Message[]; hasOlder: boolean; onOlder: () => void } {
  const [chosen, setChosen] = useState<number | null>(null);
  const count = opened?.lines.length ?? 0;
  const hidden = hiddenOf(chosen, count);
  if (chosen === null && count > 0) setChosen(hidden);
  const messages = useMemo(() => (opened ? shownLines(opened, names, hidden) : []), [opened, names, hidden]);
  const onOlder = useCallback(() => (hidden > 0 ? setChosen(Math.max(0, hidden - MORE)) : fetchOlder()), [hidden, fetchOlder]);
  return { messages, hasOlder: hidden > 0 || !!opened?.older, onOlder };
}
