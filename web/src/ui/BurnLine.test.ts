import { expect, test } from "vitest";
import { ticks } from "@/ui/BurnLine";

const due = (id: number, dueAt: number) => ({ id, name: `买家${id}`, clock: { dueAt, startedAt: 0 } });

test("two who are due in one second share a tick, who is past has none, who is far off is counted", () => {
  const { near, far } = ticks([due(1, 900), due(2, 5_200), due(3, 5_900), due(4, 9_000), due(5, 62_000), due(6, 61_001)], 1_000);
  expect(near.map((item) => item.id)).toEqual([2, 4]);
  expect(far.map((item) => item.id)).toEqual([5, 6]);
});

test("two thousand who wait make at most sixty ticks", () => {
  const { near } = ticks(Array.from({ length: 2_000 }, (_, n) => due(n, 1_000 + n * 30)), 1_000);
  expect(near.length).toBeLessThanOrEqual(61);
});
