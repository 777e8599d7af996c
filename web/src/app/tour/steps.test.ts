import { expect, test } from "vitest";
import { isTextKey } from "@/lib/i18n";
import { STEPS, TOURS } from "@/app/tour/steps";

test.each(TOURS)("the tour of the %s has five or six steps, each with its words", (name) => {
  expect(STEPS[name].length).toBeGreaterThanOrEqual(5);
  expect(STEPS[name].length).toBeLessThanOrEqual(6);
  expect(STEPS[name].flatMap((step) => [step.title, step.text]).filter((key) => !isTextKey(key))).toEqual([]);
});
