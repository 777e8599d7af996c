import { expect, test } from "vitest";
import { nearFrom, waitLabel, waitOf } from "@/lib/countdown";

const clock = { startedAt: 0, dueAt: 20_000 };

test.each([
  [0, "calm", 20], [13_000, "calm", 7], [13_334, "near", 7], [19_001, "near", 1], [19_999, "near", 1],
  [20_000, "breached", 0], [20_999, "breached", 0], [54_000, "breached", 34],
])("an evening clock of 20 s (spec §2.3) at %d ms is %s with %d s", (now, state, seconds) => {
  expect(waitOf(clock, now)).toMatchObject({ state, seconds });
});

test("the warning moment of the policy wins over the last third", () => {
  expect(nearFrom({ ...clock, warnAt: 4_000 })).toBe(4_000);
  expect(waitOf({ ...clock, warnAt: 4_000 }, 4_000).state).toBe("near");
});

test("a short clock is near for at least its last five seconds", () => {
  expect(nearFrom({ startedAt: 0, dueAt: 9_000 })).toBe(4_000);
});

test("the used share stays between 0 and 1, also on a clock that starts in the future", () => {
  expect(waitOf(clock, -5_000).used).toBe(0);
  expect(waitOf(clock, 10_000).used).toBe(0.5);
  expect(waitOf(clock, 99_000).used).toBe(1);
});

test.each([[59, null], [60, 1], [119, 1], [120, 2], [180, 3], [300, 5], [599, 5], [600, 10], [6_000, 10]])(
  "a wait of %d s carries the label %s (飞鸽: 1/2/3/5/10 min)", (waited, label) => {
    expect(waitLabel(waited)).toBe(label);
  });
