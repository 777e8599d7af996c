import { useCallback, useMemo, useState } from "react";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import type { Figure, Report } from "@/features/insight/api";
import { Chart } from "@/features/insight/charts/Chart";
import { hoursOption, trendOption, type Ink } from "@/features/insight/charts/options";
import { axisMark, byHour, changeOf, daysBetween, figureName, madeOf, shown, toneOf, trendOf, wholeYuan } from "@/features/insight/model";
import { actionsOf, summaryOf } from "@/features/insight/words";
import styles from "@/features/insight/insight.module.css";

interface Props {
  report: Report;
  onSee: (key: string) => void;
}

/** The span in a paragraph, what to do first, the five indicators, their course, the day by its hours. */
export function Overview({ report, onSee }: Props) {
  const [chosen, setChosen] = useState("avg_response_s");
  const figure = report.figures.find((one) => one.code === chosen) ?? report.figures[0];
  return (
    <>
      <p className={styles.say}>{summaryOf(report)}</p>
      {actionsOf(report).length > 0 && <Actions report={report} onSee={onSee} />}
      <ul className={styles.cards}>
        {report.figures.map((one) => <FigureCard key={one.code} figure={one} isChosen={one.code === figure?.code} onChoose={() => setChosen(one.code)} onSee={onSee} />)}
      </ul>
      <div className={styles.charts}>
        {figure && <TrendPart figure={figure} report={report} />}
        <HoursPart report={report} />
      </div>
    </>
  );
}

function Actions({ report, onSee }: Props) {
  return (
    <ol className={styles.actions} aria-label={t("insight.first")}>
      {actionsOf(report).map((action, n) => (
        <li key={`${n}${action.title}`}>
          <span className={styles.number} aria-hidden>{n + 1}</span>
          <div>
            <b>{action.evidence ? <button type="button" className={styles.rowLink} onClick={() => onSee(action.evidence)}>{action.title}</button> : action.title}</b>
            {action.fen > 0 && <strong className="num">{t("insight.about.money", { money: wholeYuan(action.fen) })}</strong>}
            <p>{action.why}</p>
            <p className="quiet">{action.todo} · {action.who}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function FigureCard({ figure, isChosen, onChoose, onSee }: { figure: Figure; isChosen: boolean; onChoose: () => void; onSee: (key: string) => void }) {
  const change = changeOf(figure);
  const tone = toneOf(figure);
  return (
    <li className={styles.card} data-tone={tone} data-on={isChosen || undefined}>
      <div className={styles.cardHead}>
        <button type="button" className={styles.cardName} aria-pressed={isChosen} onClick={onChoose}>{figureName(figure)}</button>
        <Pill tone={tone}>{t(`insight.verdict.${figure.is_small ? "small" : (figure.verdict || "none") as "good"}`)}</Pill>
      </div>
      {figure.evidence ? <button type="button" className={styles.value} title={t("insight.see")} onClick={() => onSee(figure.evidence)}>{shown(figure.value, figure.unit)}</button> : <b className={styles.value}>{shown(figure.value, figure.unit)}</b>}
      <small className="num">{t(figure.better === "high" ? "insight.atLeast" : "insight.atMost", { n: shown(figure.target, figure.unit) })}{change && <span data-better={change.better}> · {change.text}</span>}</small>
      <small className="quiet num">{madeOf(figure)}</small>
    </li>
  );
}

function TrendPart({ figure, report }: { figure: Figure; report: Report }) {
  const trend = useMemo(() => trendOf(figure, daysBetween(report.from_on, report.to_on)), [figure, report]);
  const isResponse = figure.code === "avg_response_s";
  const option = useCallback((ink: Ink) => {
    const slices = new Map(report.days.map((day) => [String(day["key"]), day as unknown as { average_s: number | null; half_width_s: number | null }]));
    const edges = daysBetween(report.from_on, report.to_on).map((day) => slices.get(day));
    const edge = (sign: number) => edges.map((day) => (day?.average_s == null ? null : Math.max(0, day.average_s + sign * (day.half_width_s ?? 0))));
    return trendOption({
      ...trend, ...(isResponse ? { low: edge(-1), high: edge(1) } : {}), target: figure.target, name: figureName(figure),
      targetName: t("insight.targetLine", { n: shown(figure.target, figure.unit) }), text: (value) => shown(value, figure.unit), axis: (value) => axisMark(value, figure.unit),
    }, ink);
  }, [figure, report, trend, isResponse]);
  return (
    <section className={styles.chart}>
      <h2>{t("insight.byDay", { name: figureName(figure) })}</h2>
      {trend.values.every((value) => value === null) ? <p className="quiet">{t("insight.noDaily")}</p> : <Chart label={t("insight.byDayLabel", { name: figureName(figure), values: trend.values.map((value, n) => `${trend.labels[n]} ${shown(value, figure.unit)}`).join(", ") })} option={option} />}
      {isResponse && <small className="quiet">{t("insight.bandHint")}</small>}
    </section>
  );
}

function HoursPart({ report }: { report: Report }) {
  const hours = useMemo(() => byHour(report.hours as never), [report]);
  const option = useCallback((ink: Ink) => hoursOption({ ...hours, turnsName: t("insight.rounds"), averageName: t("insight.average"), text: duration }, ink), [hours]);
  return (
    <section className={styles.chart}>
      <h2>{t("insight.byHour")}</h2>
      <Chart label={t("insight.byHourLabel", { n: hours.turns.reduce((sum, one) => sum + one, 0) })} option={option} />
      <small className="quiet">{t("insight.since", { from: report.diagnosis_from_on, to: report.to_on })}</small>
    </section>
  );
}
