import { DatePicker, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { dayKey } from "@/lib/format";
import { nowMs } from "@/lib/clock";
import { t } from "@/lib/i18n";
import type { Platform, Span } from "@/features/insight/api";
import { movedDay } from "@/features/insight/model";
import styles from "@/features/insight/insight.module.css";

const PLATFORMS: readonly Platform[] = ["douyin", "tmall", "jd", "pinduoduo"];
const PRESETS = ["latest", "today", "yesterday", "month"] as const;
type Preset = (typeof PRESETS)[number];

/** Returns the days of a preset; the latest week is the server's to find. */
export function presetSpan(preset: Preset, today: string): { from: string; to: string } {
  if (preset === "today") return { from: today, to: today };
  if (preset === "yesterday") return { from: movedDay(today, -1), to: movedDay(today, -1) };
  return preset === "month" ? { from: movedDay(today, -27), to: today } : { from: "", to: "" };
}

interface Props {
  span: Span;
  shown: { from: string; to: string };
  onChange: (span: Span) => void;
}

/** Which days, which platform. `shown`: the days of the answer, where the question leaves them open. */
export function SpanPicker({ span, shown, onChange }: Props) {
  const today = dayKey(nowMs());
  const preset = PRESETS.find((one) => { const days = presetSpan(one, today); return days.from === span.from && days.to === span.to; });
  return (
    <div className={styles.span}>
      <Segmented<Preset | "own"> value={preset ?? "own"} onChange={(value) => { if (value !== "own") onChange({ ...span, ...presetSpan(value, today) }); }} options={[...PRESETS.map((value) => ({ value, label: t(`insight.preset.${value}`) })), ...(preset ? [] : [{ value: "own" as const, label: t("insight.preset.own") }])]} />
      <DatePicker.RangePicker value={shown.from && shown.to ? [dayjs(shown.from), dayjs(shown.to)] : null} maxDate={dayjs(today)} allowClear={false} aria-label={t("imports.period")} onChange={(days) => { if (days?.[0] && days[1]) onChange({ ...span, from: days[0].format("YYYY-MM-DD"), to: days[1].format("YYYY-MM-DD") }); }} />
      <Select value={span.platform} aria-label={t("insight.platform")} onChange={(platform) => onChange({ ...span, platform })} options={PLATFORMS.map((value) => ({ value, label: t(`platform.${value}`) }))} style={{ width: 100 }} />
    </div>
  );
}
