import { afterEach, expect, test, vi } from "vitest";
import { resetClock, subscribeTick, tickSnapshot } from "@/lib/clock";

afterEach(() => vi.useRealTimers());

test("without a subscriber the snapshot stands still within a second, else React would render for ever", () => {
  resetClock(1_800_000_000_250);
  const seen = new Set(Array.from({ length: 50 }, () => { for (let n = 0; n < 20_000; n++) Math.sqrt(n); return tickSnapshot(); }));
  expect(seen.size).toBeLessThanOrEqual(2);
  expect([...seen].every((ms) => ms % 1_000 === 0)).toBe(true);
});

test("with a subscriber it is the time of the last beat", () => {
  vi.useFakeTimers();
  resetClock(1_800_000_000_000);
  const stop = subscribeTick(() => undefined);
  const first = tickSnapshot();
  expect(tickSnapshot()).toBe(first);
  vi.advanceTimersByTime(1_200);
  expect(tickSnapshot()).toBeGreaterThan(first);
  stop();
});
