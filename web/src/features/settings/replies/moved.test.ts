import { expect, test } from "vitest";
import { moved } from "@/features/settings/replies/QuickRepliesPage";

test.each([[1, -1, ["b", "a", "c"]], [1, 1, ["a", "c", "b"]], [0, -1, ["a", "b", "c"]], [2, 1, ["a", "b", "c"]]] as const)("item %d moved by %d", (from, by, after) => {
  expect(moved(["a", "b", "c"], from, by)).toEqual(after);
});
