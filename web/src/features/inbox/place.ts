import { elementScroll, type Virtualizer } from "@tanstack/react-virtual";
import type { TimelineItem } from "@/features/inbox/timeline";

/** What a message and a line between messages are high before they were measured. Units: CSS pixels. */
const GUESS = { message: 58, other: 34 };
const AT_THE_END = 1_000_000_000;

/** Returns how high a line probably is. Units: CSS pixels. */
export function guessOf(item: TimelineItem | undefined): number {
  return item?.kind === "message" ? GUESS.message : GUESS.other;
}

/**
 * Returns where a chat begins on the screen before its box was measured: at its end, so that nothing is drawn in vain;
 * one that fits into the page, at its top. Units: CSS pixels.
 */
export function firstOffset(items: readonly TimelineItem[], pageHeight: number): number {
  const height = items.reduce((sum, item) => sum + guessOf(item), 0);
  return height <= pageHeight ? 0 : AT_THE_END;
}

type Box = Pick<HTMLElement, "scrollTop" | "dispatchEvent">;

/**
 * Scrolls a list's box, and says so even where the browser does not. A box that is already where it can go, because all
 * of it is on the screen, fires no event; the virtualizer then takes it to be where it was sent, and asks the browser
 * for the height of the page at every frame, for five seconds, whether it has come there. `soon` runs after this frame.
 */
export function scrollAndTell(offset: number, options: { adjustments?: number; behavior?: ScrollBehavior }, list: Pick<Virtualizer<HTMLDivElement, Element>, "scrollElement">, soon: (run: () => void) => void = requestAnimationFrame): void {
  const box = list.scrollElement as Box | null;
  const before = box?.scrollTop;
  elementScroll(offset, options, list as Virtualizer<HTMLDivElement, Element>);
  const asked = offset + (options.adjustments ?? 0);
  if (!box || options.behavior === "smooth" || box.scrollTop !== before || Math.abs(asked - box.scrollTop) < 1) return;
  soon(() => void box.dispatchEvent(new Event("scroll")));
}
