import { expect, test } from "vitest";
import { hiddenOf } from "@/app/routes/desk/useShownLines";

test("a short chat is shown whole, of a long one the newest lines", () => {
  expect(hiddenOf(null, 60, 150)).toBe(0);
  expect(hiddenOf(null, 10_000, 150)).toBe(9_850);
});

test("what was scrolled in stays, and a chat that was fetched anew never hides what is left of it", () => {
  expect(hiddenOf(9_600, 10_020, 150)).toBe(9_600);
  expect(hiddenOf(9_600, 60, 150)).toBe(0);
});
