import { expect, test } from "vitest";
import { completeMention, mentionedIn, mentionSearch } from "@/features/composer/mentions";

test.each([["请@小", 3, "小"], ["请@", 2, ""], ["请@小雨 看", 6, null], ["a@b c", 5, null]])("in %j at %d the search is %j", (text, caret, search) => {
  expect(mentionSearch(text, caret)).toBe(search);
});

test("a chosen name takes the place of what was typed", () => expect(completeMention("请@小看下", 3, "小雨")).toBe("请@小雨 看下"));

test("only whole names are mentioned", () => {
  expect(mentionedIn("@小雨 麻烦，抄送@林悦", [{ id: 1, name: "小雨" }, { id: 2, name: "林悦" }, { id: 3, name: "小林" }])).toEqual([1, 2]);
});
