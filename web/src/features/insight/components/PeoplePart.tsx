import { said, t } from "@/lib/i18n";
import { duration } from "@/lib/format";
import { Part, Rows } from "@/ui/Sheet";
import type { Report } from "@/features/insight/api";
import { shown, wholeYuan } from "@/features/insight/model";
import styles from "@/features/insight/insight.module.css";

interface Ratio {
  numerator: number;
  denominator: number;
}

interface Person {
  name: string;
  group: string;
  sessions: number;
  turns: number;
  average_s: number | null;
  half_width_s: number | null;
  answered_average_s: number | null;
  missed: number;
  within_3m: Ratio;
  transfers: Ratio;
  rated: Ratio;
  payment_credits: number;
  payment_fen: number;
}

interface Origin {
  name: string;
  orders: number;
  paid: number;
  fen: number;
  aftersales: Ratio;
  top_reason: string;
}

const rate = (ratio: Ratio) => (ratio.denominator > 0 ? shown(ratio.numerator / ratio.denominator, "%") : "–");

/** Who answered how much, how fast and with what result; where orders and after-sales come from. */
export function PeoplePart({ report, onSee }: { report: Report; onSee: (key: string) => void }) {
  const known = new Set(report.evidence.map((one) => one.key));
  return (
    <>
      <Part title={t("people.figures")} hint={t("people.figuresHint")}><People rows={report.people as unknown as Person[]} known={known} onSee={onSee} /></Part>
      {report.groups.length > 0 && <Part title={t("heat.by.group")}><People rows={report.groups as unknown as Person[]} known={known} onSee={onSee} /></Part>}
      <Funnel report={report} />
      {(["origins", "products", "creators"] as const).map((name) => report[name].length > 0 && (
        <Part key={name} title={t(`origins.${name}`)} hint={`${report.diagnosis_from_on} – ${report.to_on}`}><Origins rows={report[name] as unknown as Origin[]} isOurs={name === "origins"} /></Part>
      ))}
    </>
  );
}

function People({ rows, known, onSee }: { rows: readonly Person[]; known: ReadonlySet<string>; onSee: (key: string) => void }) {
  const name = (row: Person) => { const key = `agent_${row.name}`; return known.has(key) ? <button type="button" className={styles.rowLink} onClick={() => onSee(key)}>{said(row.name)}</button> : <b>{said(row.name)}</b>; };
  return (
    <Rows rows={rows} keyOf={(row) => row.name}
      columns={[
        { name: t("people.name"), value: (row) => <>{name(row)} <small className="quiet">{/^\d/.test(row.group) ? said(row.group) : row.group}</small></> },
        { name: t("insight.talks"), value: (row) => <span className="num">{row.sessions}</span>, narrow: true },
        { name: t("insight.rounds"), value: (row) => <span className="num">{row.turns}</span>, narrow: true },
        { name: t("insight.average"), value: (row) => <span className="num">{row.average_s === null ? "–" : duration(row.average_s)}{row.half_width_s !== null && <small className="quiet"> ±{row.half_width_s.toFixed(0)}</small>}</span>, narrow: true },
        { name: t("insight.answeredOnly"), value: (row) => <span className="num">{row.answered_average_s === null ? "–" : duration(row.answered_average_s)}</span>, narrow: true },
        { name: t("insight.missed"), value: (row) => <span className="num">{row.missed || "–"}</span>, narrow: true },
        { name: t("insight.within3m"), value: (row) => <span className="num">{rate(row.within_3m)}</span>, narrow: true },
        { name: t("insight.transfers"), value: (row) => <span className="num">{rate(row.transfers)}</span>, narrow: true },
        { name: t("insight.rated"), value: (row) => <span className="num">{rate(row.rated)} <small className="quiet">n={row.rated.denominator}</small></span>, narrow: true },
        { name: t("insight.sold"), value: (row) => <span className="num">{wholeYuan(row.payment_fen)} <small className="quiet">{row.payment_credits}</small></span>, narrow: true },
      ]} />
  );
}

function Funnel({ report }: { report: Report }) {
  const f = report.funnel as unknown as Record<"consulted" | "received" | "enquired" | "ordered" | "paid", number>;
  const steps = (["consulted", "received", "enquired", "ordered", "paid"] as const).map((step) => ({ step, n: f[step] }));
  const top = Math.max(1, ...steps.map((one) => one.n));
  if (steps.every((one) => one.n === 0)) return null;
  return (
    <Part title={t("funnel.title")} hint={`${report.diagnosis_from_on} – ${report.to_on}`}>
      <ol className={styles.funnel}>
        {steps.map((one, n) => {
          const before = steps[n - 1]?.n;
          return <li key={one.step}><span>{t(`funnel.${one.step}`)}</span><i style={{ width: `${(one.n / top) * 100}%` }} /><b className="num">{one.n.toLocaleString("en")}{before ? <small className="quiet"> {shown(one.n / before, "%")}</small> : null}</b></li>;
        })}
      </ol>
    </Part>
  );
}

function Origins({ rows, isOurs }: { rows: readonly Origin[]; isOurs: boolean }) {
  return (
    <Rows rows={rows.slice(0, 12)} keyOf={(row) => row.name}
      columns={[
        { name: t("origins.name"), value: (row) => <b>{isOurs ? said(row.name) : row.name}</b> },
        { name: t("origins.orders"), value: (row) => <span className="num">{row.orders}</span>, narrow: true },
        { name: t("origins.paid"), value: (row) => <span className="num">{row.paid}</span>, narrow: true },
        { name: t("origins.money"), value: (row) => <span className="num">{wholeYuan(row.fen)}</span>, narrow: true },
        { name: t("origins.aftersales"), value: (row) => <span className="num">{rate(row.aftersales)}</span>, narrow: true },
        { name: t("origins.reason"), value: (row) => <span className="quiet">{row.top_reason}</span> },
      ]} />
  );
}
