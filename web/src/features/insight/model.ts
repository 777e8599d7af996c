import { duration, percent, yuan } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import type { Figure, Finding, HeatMap, Report, Slice } from "@/features/insight/api";

/** Returns a value in its unit: %, s, h, fen, n, 倍. */
export function shown(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return "–";
  if (unit === "%") return percent(value);
  if (unit === "s") return value < 60 ? t("insight.seconds", { n: value.toFixed(1) }) : duration(value);
  if (unit === "h") return t("insight.hours", { n: value.toFixed(1) });
  if (unit === "fen") return wholeYuan(value);
  return unit === "n" ? Math.round(value).toLocaleString("en") : t("insight.times", { n: value.toFixed(2) });
}

/** Returns a value for the axis of a chart: no decimals, and one unit from bottom to top. */
export function axisMark(value: number, unit: string): string {
  if (unit === "%") return percent(value, 0);
  return unit === "s" ? t("insight.seconds", { n: Math.round(value) }) : shown(value, unit);
}

/** Returns an amount in whole yuan: cents say nothing in an estimate. */
export function wholeYuan(fen: number): string {
  return yuan(Math.round(fen / 100) * 100).replace(/\.00$/, "");
}

export type Tone = "good" | "near" | "breached" | "plain";

/** Returns how a figure stands: shape and colour follow from it. Too small a sample is not judged. */
export function toneOf(figure: Pick<Figure, "verdict" | "is_small">): Tone {
  if (figure.is_small) return "plain";
  return figure.verdict === "good" ? "good" : figure.verdict === "bad" ? "breached" : figure.verdict === "near" ? "near" : "plain";
}

/** Returns what a figure is made of: `226 / 445 · 95% 46.2%–55.4%`. */
export function madeOf(figure: Pick<Figure, "numerator" | "denominator" | "low" | "high" | "unit" | "n">): string {
  const parts: string[] = [];
  if (figure.numerator !== null && figure.denominator !== null) parts.push(`${figure.unit === "s" ? (figure.numerator < 3_600 ? duration(figure.numerator) : t("insight.hours", { n: (figure.numerator / 3_600).toFixed(1) })) : `${Math.round(figure.numerator).toLocaleString("en")}${figure.unit === "h" ? "h" : ""}`} / ${Math.round(figure.denominator).toLocaleString("en")}`);
  else parts.push(t("insight.sample", { n: figure.n }));
  if (figure.low !== null && figure.high !== null) parts.push(`95% ${shown(figure.low, figure.unit)}–${shown(figure.high, figure.unit)}`);
  return parts.join(" · ");
}

/** Returns the change against the span before, and whether it is for the better; null without one. */
export function changeOf(figure: Pick<Figure, "value" | "before" | "better" | "unit">): { text: string; better: boolean } | null {
  if (figure.value === null || figure.before === null) return null;
  const change = figure.value - figure.before;
  const size = figure.unit === "%" ? t("insight.points", { n: Math.abs(change * 100).toFixed(1) }) : shown(Math.abs(change), figure.unit);
  return { text: `${change < 0 ? "▼" : "▲"} ${size}`, better: change === 0 || change > 0 === (figure.better === "high") };
}

export interface HeatCell {
  hour: number;
  turns: number;
  value: number | null;
}

export type HeatMeasure = "turns" | "average_s" | "missed" | "late";

/** Returns the map as full rows of 24 hours, with the largest value for the shades. */
export function heatGrid(map: HeatMap, measure: HeatMeasure): { rows: { key: string; name: string; turns: number; cells: HeatCell[] }[]; top: number } {
  const rows = map.rows.map((row) => {
    const byHour = new Map(row.hours.map((cell) => [cell.hour, cell]));
    const cells = Array.from({ length: 24 }, (_, hour): HeatCell => {
      const cell = byHour.get(hour);
      if (!cell) return { hour, turns: 0, value: null };
      const value = measure === "late" ? 1 - cell.within_180s : cell[measure];
      return { hour, turns: cell.turns, value };
    });
    return { key: row.key, name: map.by === "weekday" ? t(`weekday.${row.key as "0"}`) : row.name_zh, turns: row.turns, cells };
  });
  return { rows, top: Math.max(1e-9, ...rows.flatMap((row) => row.cells.map((cell) => cell.value ?? 0))) };
}

/** Returns how dark a cell is, 0–1: by the root, so that one hour of 600 seconds does not bleach all others. */
export function shade(value: number | null, top: number): number {
  return value === null || value <= 0 ? 0 : Math.sqrt(Math.min(1, value / top));
}

/** Returns the hours at which anything happened, so that an empty night does not take half of the width. */
export function busyHours(rows: readonly { cells: readonly HeatCell[] }[]): readonly number[] {
  const used = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => rows.some((row) => (row.cells[hour]?.turns ?? 0) > 0));
  const first = used[0];
  const last = used.at(-1);
  return first === undefined || last === undefined ? [] : Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

/** Returns the text of one cell: whole numbers, seconds, percent. */
export function heatText(value: number | null, measure: HeatMeasure): string {
  if (value === null) return "";
  return measure === "late" ? `${Math.round(value * 100)}` : String(Math.round(value));
}

export interface WhatIf {
  orders: number;
  fen: number;
  low: number | null;
  high: number | null;
}

/**
 * Returns what answering faster would bring in the four weeks that the estimate looks at: enquiries times conversion
 * times the relative effect, times the average order. The band is there only where the shop's own data can tell.
 */
export function whatIf(report: Pick<Report, "elasticity" | "funnel">, seconds: number): WhatIf {
  const e = report.elasticity as unknown as { in_force: number; low: number | null; high: number | null; n: number; conversion: number | null; can_tell: boolean };
  const f = report.funnel as unknown as { paid: number; paid_fen: number };
  const bought = e.n * (e.conversion ?? 0);
  const each = f.paid > 0 ? f.paid_fen / f.paid : 0;
  const money = (ratio: number) => Math.round((bought * ratio * seconds * each) / 10);
  return { orders: (bought * e.in_force * seconds) / 10, fen: money(e.in_force), low: e.can_tell && e.low !== null ? money(e.low) : null, high: e.can_tell && e.high !== null ? money(e.high) : null };
}

/** Returns the findings by what they cost: those that fired, the dear ones and the sure ones first. */
export function ordered(findings: readonly Finding[]): { fired: Finding[]; quiet: Finding[] } {
  const fired = findings.filter((one) => one.fired).toSorted((a, b) => b.money_fen - a.money_fen || Number(b.sure) - Number(a.sure));
  return { fired, quiet: findings.filter((one) => !one.fired) };
}

/** Returns the days of a span as short labels, `11-16`, beside the figure's daily values. */
export function trendOf(figure: Pick<Figure, "series">, days: readonly string[]): { labels: string[]; values: (number | null)[] } {
  return { labels: days.slice(-figure.series.length).map((day) => day.slice(5)), values: [...figure.series] };
}

/** Returns every day from `from` to `to`, both included. */
export function daysBetween(from: string, to: string): string[] {
  const first = Date.parse(`${from}T00:00:00Z`);
  const last = Date.parse(`${to}T00:00:00Z`);
  return Number.isNaN(first) || Number.isNaN(last) || last < first ? [] : Array.from({ length: Math.round((last - first) / 86_400_000) + 1 }, (_, n) => new Date(first + n * 86_400_000).toISOString().slice(0, 10));
}

/** Returns a day moved by whole days. */
export function movedDay(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
}

/** Returns slices by whole hours 0–23, gaps as nothing. */
export function byHour(slices: readonly Slice[]): { turns: number[]; average: (number | null)[] } {
  const known = new Map(slices.map((slice) => [Number(slice.key), slice]));
  const hours = Array.from({ length: 24 }, (_, hour) => known.get(hour));
  return { turns: hours.map((slice) => slice?.turns ?? 0), average: hours.map((slice) => slice?.average_s ?? null) };
}

/** Returns a name that the catalogue knows by its code; in Chinese the server's own word holds. */
export const figureName = (figure: Pick<Figure, "code" | "name_zh">): string => tOr(`figure.${figure.code}`, figure.name_zh);
