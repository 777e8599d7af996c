import { expect, test } from "vitest";
import { differences } from "@/features/settings/diff";

test("two values are compared field by field, in lists by place", () => {
  expect(differences({ a: 1, list: [{ s: 45 }, { s: 30 }] }, { a: 1, list: [{ s: 45 }, { s: 20 }, { s: 9 }], b: "x" })).toEqual([
    { path: "list.1.s", before: "30", after: "20" }, { path: "list.2", before: "–", after: '{"s":9}' }, { path: "b", before: "–", after: "x" }]);
});

test("equal values differ in nothing", () => expect(differences({ a: [1, null] }, { a: [1, null] })).toEqual([]));
