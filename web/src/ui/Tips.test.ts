import { expect, test } from "vitest";
import { placeTip } from "@/ui/Tips";

const at = (left: number, top: number) => ({ left, top, right: left + 30, bottom: top + 30, width: 30, height: 30 });
const page = { width: 400, height: 300 };
const box = { width: 100, height: 28 };

test("a tip stands on the wished side, in the middle", () => {
  expect(placeTip(at(200, 100), "bottom", box, page)).toEqual({ left: 165, top: 136 });
  expect(placeTip(at(200, 100), "top", box, page)).toEqual({ left: 165, top: 66 });
  expect(placeTip(at(200, 100), "right", box, page)).toEqual({ left: 236, top: 101 });
});

test("at an edge it turns round and never leaves the page", () => {
  expect(placeTip(at(365, 265), "bottom", box, page)).toEqual({ left: 296, top: 231 });
  expect(placeTip(at(2, 4), "top", box, page)).toEqual({ left: 4, top: 40 });
});
