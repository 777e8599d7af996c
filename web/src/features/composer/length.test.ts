import { expect, test } from "vitest";
import { charsOf } from "@/features/composer/length";

test.each([["", 0], ["您好", 2], ["😀😀a", 3], ["👨‍👩‍👧", 5], ["\ud83d", 1]])("%j has %d characters", (text, n) => expect(charsOf(text)).toBe(n));

test("ten megabytes are counted too", () => {
  expect(charsOf("字😀".repeat(3_500_000))).toBe(7_000_000);
});
