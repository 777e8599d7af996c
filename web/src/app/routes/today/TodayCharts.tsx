import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { clockTime, duration } from "@/lib/format";
import { nowMs } from "@/lib/clock";
import { t } from "@/lib/i18n";
import { Bars, Line } from "@/ui/Spark";
import { slicesQuery } from "@/features/insight/api";
import { byHour, daysBetween, movedDay } from "@/features/insight/model";
import styles from "@/app/routes/today/today.module.css";

/** The day by its hours and the week by its days, small enough for a phone; they say nothing where there is nothing. */
export function TodayCharts({ day, target }: { day: string; target: number }) {
  const hours = useQuery({ ...slicesQuery(day, day, "hour"), refetchInterval: 120_000 });
  const week = useQuery(slicesQuery(movedDay(day, -6), day, "day"));
  const turns = byHour(hours.data ?? []).turns;
  const peak = turns.indexOf(Math.max(...turns));
  const now = Number(clockTime(nowMs()).slice(0, 2));
  const known = new Map((week.data ?? []).map((slice) => [slice.key, slice.average_s]));
  const days = daysBetween(movedDay(day, -6), day);
  const averages = days.map((one) => known.get(one) ?? null);
  return (
    <>
      {turns.some((n) => n > 0) && (
        <section className={styles.card}>
          <h2>{t("today.byHour")} <small className="quiet num">{t("today.peak", { hour: peak, n: turns[peak] ?? 0 })}</small></h2>
          <Bars values={turns} marks={turns.map((_, hour) => (hour % 6 === 0 ? String(hour) : ""))} loud={(_, hour) => hour === now} label={t("today.byHourLabel", { values: turns.map((n, hour) => `${hour}: ${n}`).join(", ") })} />
        </section>
      )}
      {averages.filter((one) => one !== null).length > 1 && (
        <section className={styles.card}>
          <h2>{t("today.week")} <small className="quiet num">{t("today.target", { s: target })}</small></h2>
          <Line values={averages} target={target} label={t("today.weekLabel", { values: days.map((one, n) => `${one.slice(5)} ${averages[n] == null ? "–" : duration(averages[n])}`).join(", ") })} />
          <div className={styles.marks} aria-hidden>{days.map((one) => <small key={one} className="quiet num">{one.slice(8)}</small>)}</div>
        </section>
      )}
      <Link to="/insight" className={styles.more}>{t("today.more")}</Link>
    </>
  );
}
