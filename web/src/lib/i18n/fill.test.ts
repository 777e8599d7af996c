import { expect, test } from "vitest";
import { fill } from "@/lib/i18n";

test("a right-to-left name cannot turn the words around it", () => {
  expect(fill("{who} 撤回了 {n} 条", { who: "سارة", n: 2 })).toBe("\u2068سارة\u2069 撤回了 2 条");
  expect(fill("{who} 也在看 {gone}", { who: "林悦" })).toBe("林悦 也在看 {gone}");
});
