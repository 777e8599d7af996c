import { expect, test } from "vitest";
import { pointedAfter } from "@/app/routes/desk/useMarks";

test.each([
  ["ArrowDown", 2, 3], ["ArrowUp", 1, 1], ["ArrowDown", 4, 4], ["ArrowDown", null, 1], ["Home", 3, 1], ["End", null, 4], ["PageDown", 1, 4], ["ArrowUp", 99, 1], ["k", 2, 2],
])("in the list %s from %s goes to %s", (key, from, to) => expect(pointedAfter(key, [1, 2, 3, 4], from)).toBe(to));

test("an empty list has no place to stand", () => expect(pointedAfter("ArrowDown", [], 5)).toBeNull());
