import { expect, test } from "vitest";
import { stepped, zoomed } from "@/ui/gallery";

test("zoom goes by steps and stays at its ends", () => {
  expect([zoomed(1, 1), zoomed(1, -1), zoomed(6, 1), zoomed(0.5, -1)]).toEqual([1.5, 0.5, 6, 0.5]);
});

test("leafing stops at the ends, and does nothing for one that is not there", () => {
  expect([stepped(["a", "b"], 0, 1), stepped(["a", "b"], 1, 1), stepped(["a", "b"], 0, -1), stepped(["a"], -1, 1)]).toEqual(["b", null, null, null]);
});
