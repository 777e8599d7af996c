import { expect, test } from "vitest";
import { isMasked, stillShown } from "@/features/inbox/reveals";

test.each([
  ["我电话186****0001，尽快发货", true], ["身份证 330***********0012", true], ["卡号 6222****1234", true], ["****", false], ["5***** 好评", false], ["2*3=6", false], ["我叫王**", false], ["", false],
])("%j has a masked number: %s", (text, is) => expect(isMasked(text)).toBe(is));

test("what was shown long enough is hidden, the rest stays the same object", () => {
  const all = { 1: { text: "a", until: 100 }, 2: { text: "b", until: 200 } };
  expect(stillShown(all, 150)).toEqual({ 2: { text: "b", until: 200 } });
  expect(stillShown(all, 50)).toBe(all);
});
