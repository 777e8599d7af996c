import { expect, test } from "vitest";
import { firstOffset, scrollAndTell } from "@/features/inbox/place";
import type { TimelineItem } from "@/features/inbox/timeline";

const days = (count: number) => Array.from({ length: count }, (_, n): TimelineItem => ({ kind: "day", key: `${n}`, at: n }));

test("a chat that fits into the page begins at its top, a longer one at its end", () => {
  expect(firstOffset(days(10), 900)).toBe(0);
  expect(firstOffset(days(100), 900)).toBeGreaterThan(100 * 34);
});

/** A box that holds `most` pixels more than it shows, as a browser's: it fires only when it moved. */
function box(most: number) {
  const told: number[] = [];
  const scrollElement = {
    scrollTop: 0,
    scrollTo({ top }: { top: number }) { this.scrollTop = Math.max(0, Math.min(top, most)); },
    dispatchEvent() { told.push(this.scrollTop); return true; },
  };
  const list = { scrollElement, options: { horizontal: false } } as unknown as Parameters<typeof scrollAndTell>[2];
  return { list, scrollElement, told };
}

const atOnce = (run: () => void) => run();

test("a box that cannot go where it is sent says where it stands", () => {
  const short = box(0);
  scrollAndTell(1_000, { behavior: "auto" }, short.list, atOnce);
  expect(short.told).toEqual([0]);
});

test("a box that moves, or is there already, leaves it to the browser", () => {
  const long = box(500);
  scrollAndTell(1_000, { behavior: "auto" }, long.list, atOnce);
  expect(long.scrollElement.scrollTop).toBe(500);
  scrollAndTell(400, { adjustments: 100, behavior: "auto" }, long.list, atOnce);
  expect(long.told).toEqual([]);
});
