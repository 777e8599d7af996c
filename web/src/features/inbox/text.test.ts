import { expect, test } from "vitest";
import { marked, pieces, shorten, tame, shownName } from "@/features/inbox/text";

test("an address is a link, the Chinese full stop after it is not part of it", () => {
  expect(pieces("看这里https://a.cn/x?y=1。谢谢")).toEqual([
    { text: "看这里" }, { text: "https://a.cn/x?y=1", href: "https://a.cn/x?y=1" }, { text: "。谢谢" }]);
});

test("only web addresses become links", () => {
  expect(pieces("javascript:alert(1) file:///etc/passwd")).toEqual([{ text: "javascript:alert(1) file:///etc/passwd" }]);
});

test("signs that turn or hide text are taken out, line breaks stay", () => {
  expect(tame("退\u202e款\u200b单\n第二行\u0007")).toBe("退款单\n第二行");
});

test("a text of ten million characters is cut, never in the middle of an emoji", () => {
  const cut = shorten("😀".repeat(5_000_000), 4_001);
  expect(cut.text.length).toBe(4_000);
  expect(cut.left).toBe(9_996_000);
  expect(shorten("短").left).toBe(0);
});

test("a hit is shown with what stands around it, whatever signs were searched for", () => {
  expect(marked("我要退货，退货怎么弄", ["退货"])).toEqual([
    { text: "我要", hit: false }, { text: "退货", hit: true }, { text: "，", hit: false }, { text: "退货", hit: true }, { text: "怎么弄", hit: false }]);
  expect(marked("a(b", ["(b"])[1]).toEqual({ text: "(b", hit: true });
  expect(marked(`${"字".repeat(100)}退货`, ["退货"])[0]!.text.startsWith("…")).toBe(true);
});

test.each([
  ["\u202e反转\u200b", "反转"], ["  a\u2066b  c ", "ab c"], ["\u3164\u200d", "无名"], ["", "无名"], ["👨‍👩‍👧家", "👨‍👩‍👧家"], ["سارة", "سارة"],
])("the name %j is shown as %j", (name, shown) => expect(shownName(name, "无名")).toBe(shown));

test("marks that pile up over a line are cut off, those of real words stay", () => {
  expect(tame(`e${"\u0301".repeat(80)}x`)).toBe(`e${"\u0301".repeat(4)}x`);
  expect(tame("Việt Nam กำลัง नमस्ते")).toBe("Việt Nam กำลัง नमस्ते");
});

test("a hundred thousand emoji are shown piece by piece, never half of one", () => {
  const text = "😀".repeat(100_000);
  const { text: shown, left } = shorten(text, 4_001);
  expect([shown.length, left]).toEqual([4_000, 196_000]);
  expect(tame(text)).toBe(text);
});
