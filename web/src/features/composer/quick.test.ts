import { expect, test } from "vitest";
import { fillVariables, findQuick, slashSearch, type QuickReply } from "@/features/composer/quick";

const reply = (id: number, title: string, change: Partial<QuickReply> = {}): QuickReply =>
  ({ id, title, text: "", shortcut: "", scene: "", pinyin: "", initials: "", ...change });
const all = [
  reply(1, "退货流程", { pinyin: "tuihuoliucheng", initials: "thlc", text: "三种退货方式", shortcut: "th" }),
  reply(2, "发货时间", { pinyin: "fahuoshijian", initials: "fhsj", text: "48小时内发出" }),
  reply(3, "退款进度", { pinyin: "tuikuanjindu", initials: "tkjd" }),
];

test.each([["/", ""], ["/退货", "退货"], ["、th", "th"], ["您好/退", null], ["/退\n货", null], ["", null]])(
  "what stands after the slash of %j is %j", (text, search) => expect(slashSearch(text)).toBe(search));

test.each([["th", [1]], ["退", [1, 3]], ["tk", [3]], ["fahuo", [2]], ["48", [2]], ["xyz", []], ["", [1, 2, 3]]])(
  "a search for %j finds %j (spec §3.2)", (search, ids) => expect(findQuick(all, search).map((r) => r.id)).toEqual(ids));

test("variables are filled in, unknown ones stay visible and are named", () => {
  expect(fillVariables("{买家}您好，单号{订单号}", { 买家: "王女士" })).toEqual({ text: "王女士您好，单号{订单号}", missing: ["订单号"] });
});
