import type { EChartsCoreOption } from "echarts/core";

/** Colours of the scheme in force, read from the tokens. */
export interface Ink {
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  surface: string;
  accent: string;
  accentSoft: string;
  calm: string;
  near: string;
  breached: string;
  good: string;
  font: string;
}

interface Trend {
  labels: readonly string[];
  values: readonly (number | null)[];
  low?: readonly (number | null)[];
  high?: readonly (number | null)[];
  target: number | null;
  targetName: string;
  name: string;
  text: (value: number) => string;
  axis?: (value: number) => string;
}

const axisText = (ink: Ink) => ({ color: ink.ink3, fontFamily: ink.font, fontSize: 11 });
const frame = (ink: Ink, labels: readonly string[]) => ({
  type: "category", data: [...labels], axisLine: { lineStyle: { color: ink.line } }, axisTick: { show: false }, axisLabel: { ...axisText(ink), hideOverlap: true },
});
const tip = (ink: Ink) => ({ backgroundColor: ink.surface, borderColor: ink.line, padding: [6, 10], textStyle: { color: ink.ink, fontFamily: ink.font, fontSize: 12 }, confine: true });

/** Returns a figure day by day: its line, the band of its interval, the target. */
export function trendOption(trend: Trend, ink: Ink): EChartsCoreOption {
  const band = trend.low && trend.high;
  const known = [...trend.values, ...(trend.high ?? []), trend.target].filter((value): value is number => value !== null && value !== undefined);
  return {
    animation: false, aria: { enabled: true },
    grid: { left: 8, right: 12, top: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: { ...tip(ink), trigger: "axis", valueFormatter: (value: unknown) => (typeof value === "number" ? trend.text(value) : "–") },
    xAxis: { ...frame(ink, trend.labels), boundaryGap: trend.labels.length === 1 },
    yAxis: { type: "value", max: known.length > 0 ? undefined : 1, min: 0, splitNumber: 4, splitLine: { lineStyle: { color: ink.line } }, axisLabel: { ...axisText(ink), formatter: trend.axis ?? trend.text } },
    series: [
      ...(band ? [
        { type: "line", name: "low", data: [...(trend.low ?? [])], stack: "band", lineStyle: { opacity: 0 }, symbol: "none", silent: true, tooltip: { show: false } },
        { type: "line", name: "band", data: (trend.high ?? []).map((high, n) => (high === null || trend.low?.[n] == null ? null : high - (trend.low[n] ?? 0))), stack: "band", lineStyle: { opacity: 0 }, areaStyle: { color: ink.accent, opacity: 0.14 }, symbol: "none", silent: true, tooltip: { show: false } },
      ] : []),
      {
        type: "line", name: trend.name, data: [...trend.values], lineStyle: { width: 2, color: ink.accent }, itemStyle: { color: ink.accent }, symbol: "circle", symbolSize: 7, connectNulls: false,
        ...(trend.target === null ? {} : { markLine: { silent: true, symbol: "none", lineStyle: { color: ink.near, type: "dashed" }, label: { formatter: trend.targetName, color: ink.near, fontFamily: ink.font, fontSize: 11, position: "insideEndTop" }, data: [{ yAxis: trend.target }] } }),
      },
    ],
  };
}

interface Hours {
  turns: readonly number[];
  average: readonly (number | null)[];
  turnsName: string;
  averageName: string;
  text: (value: number) => string;
}

/** Returns the day by its hours: how much came (bars), how fast it was answered (line). */
export function hoursOption(hours: Hours, ink: Ink): EChartsCoreOption {
  const labels = hours.turns.map((_, hour) => `${String(hour).padStart(2, "0")}`);
  return {
    animation: false, aria: { enabled: true },
    grid: { left: 8, right: 8, top: 30, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: ink.ink2, fontFamily: ink.font, fontSize: 12 } },
    tooltip: { ...tip(ink), trigger: "axis" },
    xAxis: frame(ink, labels),
    yAxis: [
      { type: "value", splitNumber: 4, minInterval: 1, splitLine: { lineStyle: { color: ink.line } }, axisLabel: axisText(ink) },
      { type: "value", splitNumber: 4, splitLine: { show: false }, axisLabel: { ...axisText(ink), formatter: (value: number) => hours.text(value) } },
    ],
    series: [
      { type: "bar", name: hours.turnsName, data: [...hours.turns], itemStyle: { color: ink.calm, opacity: 0.45, borderRadius: [3, 3, 0, 0] }, barMaxWidth: 22 },
      { type: "line", name: hours.averageName, yAxisIndex: 1, data: [...hours.average], lineStyle: { width: 2, color: ink.accent }, itemStyle: { color: ink.accent }, symbol: "circle", symbolSize: 6, tooltip: { valueFormatter: (value: unknown) => (typeof value === "number" ? hours.text(value) : "–") } },
    ],
  };
}
