import { afterEach, expect, test } from "vitest";
import { prefer } from "@/lib/preferences";
import { statusOf } from "@/features/buyer/components/Tickets";
import { lookAgain, stageOf, type Erasure } from "@/features/buyer/erasures";

const erasure = (change: Partial<Erasure> = {}): Erasure => ({ id: 1, asked_at: "2026-11-22T04:00:00Z", by_user_id: 1, reason: "买家要求", done_at: null, compacted_at: null, counts: {}, ...change });
const done = { done_at: "2026-11-22T04:00:02Z" };

afterEach(() => prefer({ locale: "zh" }));

test("an erasure runs, is done, and leaves no trace in the file", () => {
  expect(stageOf(erasure())).toBe("running");
  expect(stageOf(erasure(done))).toBe("done");
  expect(stageOf(erasure({ ...done, compacted_at: done.done_at }))).toBe("compacted");
});

test("the page looks again soon while one runs, seldom until the file is rewritten, then no more", () => {
  for (const none of [undefined, [], [erasure({ ...done, compacted_at: done.done_at })]]) expect(lookAgain(none)).toBe(false);
  expect(lookAgain([erasure(done)])).toBe(30_000);
  expect(lookAgain([erasure(done), erasure()])).toBe(3_000);
});

test("where a ticket stands is said in our words, else in the platform's own", () => {
  expect(statusOf({ status: "open", status_zh: "待商家处理", status_said: "1" })).toBe("待商家处理");
  expect(statusOf({ status: "other", status_zh: "其他", status_said: "仲裁中" })).toBe("仲裁中");
  expect(statusOf({ status: null, status_zh: "" })).toBe("状态未知");
  prefer({ locale: "en" });
  expect(statusOf({ status: "reviewing", status_zh: "平台审核中" })).toBe("Platform reviews");
});
