import { expect, test } from "vitest";
import { clockTime, dayKey, dayTitle, fullTime, isSameDay, listTime } from "@/lib/format";

test("the shop's day begins at midnight in Shanghai, wherever the browser is", () => {
  expect(dayKey("2026-11-22T15:59:59.999Z")).toBe("2026-11-22");
  expect(dayKey("2026-11-22T16:00:00Z")).toBe("2026-11-23");
  expect(isSameDay(Date.parse("2026-11-22T15:59:59Z"), Date.parse("2026-11-22T16:00:00Z"))).toBe(false);
  expect(isSameDay(Date.parse("2026-11-22T16:00:00Z"), Date.parse("2026-11-23T15:59:59Z"))).toBe(true);
});

test("a time that is none is shown as a dash and breaks nothing", () => {
  for (const wrong of ["", "soon", Number.NaN]) {
    expect([clockTime(wrong), fullTime(wrong), dayTitle(wrong)]).toEqual(["–", "–", "–"]);
    expect(dayKey(wrong)).toBe("");
    expect(listTime(wrong, Date.parse("2026-11-22T04:00:00Z"))).toBe("–");
  }
});
