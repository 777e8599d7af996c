import { afterAll, beforeEach, expect, test } from "vitest";
import { book } from "@/lib/i18n/book";
import { readBook } from "@/lib/i18n/said";
import { prefer, preferences } from "@/lib/preferences";
import type { Figure, Finding, HeatMap, Report, Slice } from "@/features/insight/api";
import { axisMark, busyHours, byHour, changeOf, daysBetween, heatGrid, heatText, madeOf, movedDay, ordered, shade, shown, toneOf, trendOf, whatIf, wholeYuan } from "@/features/insight/model";
import { settingsInForce } from "@/features/insight/settings";
import { actionsOf, splitDefinition } from "@/features/insight/words";
import { presetSpan } from "@/features/insight/components/SpanPicker";

const { locale: before } = preferences.get();
beforeEach(() => prefer({ locale: "zh" }));
afterAll(() => prefer({ locale: before }));

const figure = (change: Partial<Figure> = {}): Figure => ({ code: "consult_conversion", name_zh: "x", unit: "%", value: 0.5, text_zh: "", numerator: 226, denominator: 445, low: 0.46, high: 0.55, n: 445, is_small: false, verdict: "bad", target: 0.65, better: "high", before: 0.54, platform_value: null, series: [0.5, null, 0.6], definition_zh: "", note_zh: "", evidence: "", ...change });

test("values are written in their unit", () => {
  expect([shown(0.508, "%"), shown(36.76, "s"), shown(94, "s"), shown(4.35, "h"), shown(1_106_240, "fen"), shown(653, "n"), shown(null, "%")]).toEqual(["50.8%", "36.8 秒", "1分34秒", "4.3 小时", "¥11,062", "653", "–"]);
  expect([axisMark(60, "s"), axisMark(0.5, "%")]).toEqual(["60 秒", "50%"]);
  expect(wholeYuan(902_960)).toBe("¥9,030");
});

test("a sample that is too small is never judged, whatever the value", () => {
  expect(toneOf({ verdict: "bad", is_small: true })).toBe("plain");
  expect([toneOf({ verdict: "bad", is_small: false }), toneOf({ verdict: "near", is_small: false }), toneOf({ verdict: "", is_small: false })]).toEqual(["breached", "near", "plain"]);
});

test("a figure tells its fraction and its interval", () => {
  expect(madeOf(figure())).toBe("226 / 445 · 95% 46.0%–55.0%");
  expect(madeOf(figure({ numerator: null, denominator: null, low: null, high: null, n: 12 }))).toBe("样本 12");
});

test("a change is for the better when it goes where the figure wants to go", () => {
  expect(changeOf(figure())).toEqual({ text: "▼ 4.0 个百分点", better: false });
  expect(changeOf(figure({ unit: "s", value: 36, before: 40, better: "low" }))).toEqual({ text: "▼ 4.0 秒", better: true });
  expect(changeOf(figure({ before: null }))).toBeNull();
});

const map: HeatMap = { from_on: "", to_on: "", by: "agent", rows: [
  { key: "a", name_zh: "a", turns: 5, hours: [{ hour: 9, turns: 4, missed: 1, average_s: 160, within_180s: 0.75 }, { hour: 12, turns: 1, missed: 0, average_s: 40, within_180s: 1 }] },
  { key: "b", name_zh: "b", turns: 1, hours: [{ hour: 14, turns: 1, missed: 1, average_s: 600, within_180s: 0 }] },
] };

test("the map has 24 hours a row, the late share is what is not within three minutes", () => {
  const { rows, top } = heatGrid(map, "late");
  expect(rows[0]?.cells).toHaveLength(24);
  expect([rows[0]?.cells[9]?.value, rows[1]?.cells[14]?.value, rows[1]?.cells[3]?.value]).toEqual([0.25, 1, null]);
  expect(top).toBe(1);
  expect(heatGrid(map, "average_s").top).toBe(600);
  expect([heatText(0.254, "late"), heatText(159.6, "average_s"), heatText(null, "turns")]).toEqual(["25", "160", ""]);
});

test("only the hours between the first and the last with work are drawn", () => {
  expect(busyHours(heatGrid(map, "turns").rows)).toEqual([9, 10, 11, 12, 13, 14]);
  expect(busyHours([])).toEqual([]);
});

test("one terrible hour does not bleach the others, and nothing is darker than it", () => {
  expect(shade(600, 600)).toBe(1);
  expect(shade(60, 600)).toBeGreaterThan(0.3);
  expect([shade(0, 600), shade(null, 600)]).toEqual([0, 0]);
});

const report = (change: Record<string, unknown>) => ({ elasticity: { in_force: 0.012, low: null, high: null, n: 1000, conversion: 0.5, can_tell: false, ...change }, funnel: { paid: 100, paid_fen: 2_000_000 } }) as unknown as Report;

test("ten seconds faster brings conversion times the effect in force times the average order", () => {
  const found = whatIf(report({}), 10);
  expect(found.orders).toBeCloseTo(6);
  expect(found.fen).toBe(120_000);
  expect([found.low, found.high]).toEqual([null, null]);
  expect(whatIf(report({}), 0).fen).toBe(0);
});

test("the band is there only when the shop's own data can tell", () => {
  const found = whatIf(report({ can_tell: true, in_force: 0.02, low: 0.01, high: 0.03 }), 10);
  expect([found.low, found.fen, found.high]).toEqual([100_000, 200_000, 300_000]);
  expect(whatIf({ ...report({}), funnel: { paid: 0, paid_fen: 0 } } as unknown as Report, 10).fen).toBe(0);
});

const finding = (rule: string, change: Partial<Finding> = {}): Finding => ({ rule, name_zh: rule, fired: true, subject: "", text_zh: "t", sure: true, money_fen: 0, money_zh: "", advice_zh: "", who_zh: "", source: "", evidence: "", unit: "%", threshold: 0.2, value: 0.25, numerator: 5, denominator: 20, ...change });

test("findings stand by what they cost, the sure ones first among equals", () => {
  const { fired, quiet } = ordered([finding("a"), finding("b", { money_fen: 5 }), finding("c", { sure: false }), finding("d", { fired: false })]);
  expect(fired.map((one) => one.rule)).toEqual(["b", "a", "c"]);
  expect(quiet.map((one) => one.rule)).toEqual(["d"]);
});

test("what to do first is said in the language of the page", () => {
  const made = { actions: [{ title_zh: "收尾语没回：22 点后", why_zh: "漏回的 5 轮里 2 轮是“好的谢谢”没回（40.0%），平响因此多 3.1 秒", do_zh: "没有说过的话", who_zh: "客服主管", money_fen: 1, evidence: "" }] } as unknown as Report;
  expect(actionsOf(made)[0]!.title).toBe("收尾语没回：22 点后");
  readBook(book);
  prefer({ locale: "en" });
  expect(actionsOf(made)[0]).toMatchObject({ title: "Closing words unanswered: after 22:00", why: "2 of 5 missed rounds are an unanswered “ok, thanks” (40.0%); they add 3.1 s to the average response", todo: "没有说过的话", who: "desk supervisor" });
});

test("a definition's version is split from its formula", () => {
  expect(splitDefinition("抖店 2026-09-29 版：甲 ÷ 乙")).toEqual({ version: "抖店 2026-09-29 版", formula: "甲 ÷ 乙" });
  expect(splitDefinition("甲 ÷ 乙")).toEqual({ version: "", formula: "甲 ÷ 乙" });
});

test("days are counted on the calendar, across months", () => {
  expect(daysBetween("2026-10-30", "2026-11-02")).toEqual(["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]);
  expect(daysBetween("2026-11-02", "2026-11-01")).toEqual([]);
  expect(movedDay("2026-03-01", -1)).toBe("2026-02-28");
  expect(presetSpan("month", "2026-11-22")).toEqual({ from: "2026-10-26", to: "2026-11-22" });
  expect(presetSpan("yesterday", "2026-11-01")).toEqual({ from: "2026-10-31", to: "2026-10-31" });
  expect(trendOf({ series: [1, 2] }, ["2026-11-01", "2026-11-02"])).toEqual({ labels: ["11-01", "11-02"], values: [1, 2] });
});

test("hours without rounds are gaps, not zeros of speed", () => {
  const slices = [{ key: "09", turns: 4, average_s: 20 }] as unknown as Slice[];
  const hours = byHour(slices);
  expect([hours.turns[9], hours.average[9], hours.turns[3], hours.average[3]]).toEqual([4, 20, 0, null]);
});

test("the newest rule settings that are in force count, not those of tomorrow", () => {
  const row = (effective_from: string, off: boolean) => ({ kind: "rule_settings", effective_from, value: { a: { off } }, reason: effective_from, set_by: "x" });
  expect(settingsInForce([row("2026-11-01", false), row("2026-11-20", true), row("2026-12-01", false)], "2026-11-22")).toMatchObject({ value: { a: { off: true } }, reason: "2026-11-20" });
  expect(settingsInForce([], "2026-11-22").value).toEqual({});
});
