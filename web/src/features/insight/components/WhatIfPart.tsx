import { useCallback, useState } from "react";
import { Slider } from "antd";
import { said, t } from "@/lib/i18n";
import { Facts } from "@/ui/Sheet";
import type { Report } from "@/features/insight/api";
import { Chart } from "@/features/insight/charts/Chart";
import { trendOption, type Ink } from "@/features/insight/charts/options";
import { shown, whatIf, wholeYuan } from "@/features/insight/model";
import styles from "@/features/insight/insight.module.css";

const MOST_S = 60;
const STEPS = Array.from({ length: MOST_S / 5 + 1 }, (_, n) => n * 5);

interface Elasticity {
  own: number | null;
  low: number | null;
  high: number | null;
  n: number;
  strata: number;
  conversion: number | null;
  can_tell: boolean;
  warning_zh: string;
  in_force: number;
}

/** What answering faster is worth here: the shop's own effect where the data can tell it, else the stated prior. */
export function WhatIfPart({ report }: { report: Report }) {
  const [seconds, setSeconds] = useState(10);
  const e = report.elasticity as unknown as Elasticity;
  const found = whatIf(report, seconds);
  const option = useCallback((ink: Ink) => {
    const steps = STEPS.map((step) => whatIf(report, step));
    const edges = steps[1]?.low !== null && steps[1]?.high !== null;
    return trendOption({
      labels: STEPS.map((step) => t("insight.seconds", { n: step })), values: steps.map((one) => one.fen), target: null, targetName: "", name: t("whatif.worth"), text: wholeYuan,
      ...(edges ? { low: steps.map((one) => one.low), high: steps.map((one) => one.high) } : {}),
    }, ink);
  }, [report]);
  if (e.n === 0 || e.conversion === null) return <p className={styles.remark}>{said(e.warning_zh)}</p>;
  return (
    <div className={styles.whatIf}>
      <section className={styles.answer}>
        <label htmlFor="whatif-seconds">{t("whatif.question")}</label>
        <div className={styles.slider}><Slider id="whatif-seconds" min={0} max={MOST_S} step={5} value={seconds} onChange={setSeconds} ariaLabelForHandle={t("whatif.question")} styles={{ track: { background: "var(--accent)" }, rail: { background: "var(--line-strong)" } }} tooltip={{ open: false }} /><b className="num">{t("insight.seconds", { n: seconds })}</b></div>
        <strong className="num">{t("insight.about.money", { money: wholeYuan(found.fen) })}</strong>
        <p>{t("whatif.orders", { n: Math.round(found.orders).toLocaleString("en") })}{found.low !== null && found.high !== null ? ` · 95% ${wholeYuan(found.low)} – ${wholeYuan(found.high)}` : ""}</p>
        <p className={styles.remark}>{said(e.warning_zh)}</p>
      </section>
      <section className={styles.chart}>
        <h2>{t("whatif.curve")}</h2>
        <Chart label={t("whatif.curveLabel", { ten: wholeYuan(whatIf(report, 10).fen), sixty: wholeYuan(whatIf(report, MOST_S).fen) })} option={option} />
      </section>
      <div className={styles.wideFacts}><Facts items={[
        [t("whatif.inForce"), t("whatif.perTen", { n: shown(e.in_force, "%"), source: t(e.can_tell ? "whatif.own" : "whatif.prior") })],
        ...(e.own !== null && e.low !== null && e.high !== null ? [[t("whatif.estimate"), `${shown(e.own, "%")} · 95% ${shown(e.low, "%")} – ${shown(e.high, "%")}`] as const] : []),
        [t("whatif.sample"), t("whatif.sampleOf", { n: e.n.toLocaleString("en"), strata: e.strata })],
        [t("whatif.conversion"), shown(e.conversion, "%")],
      ]} /></div>
    </div>
  );
}
