import { expect, test } from "vitest";
import { withDraft, type Drafts } from "@/features/composer/drafts";

test("a draft is kept by conversation, an empty one goes", () => {
  const drafts = withDraft(withDraft({}, 1, "您好"), 2, "稍等");
  expect(drafts).toEqual({ 1: "您好", 2: "稍等" });
  expect(withDraft(drafts, 1, "  ")).toEqual({ 2: "稍等" });
  expect(withDraft(drafts, 9, "")).toBe(drafts);
});

test("at most two hundred drafts are kept", () => {
  let drafts: Drafts = {};
  for (let n = 1; n <= 230; n++) drafts = withDraft(drafts, n, "x");
  expect(Object.keys(drafts)).toHaveLength(200);
  expect(drafts[230]).toBe("x");
});
