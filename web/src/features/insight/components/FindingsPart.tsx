import { useState } from "react";
import { Button } from "antd";
import { useQuery } from "@tanstack/react-query";
import { CircleCheckBig } from "lucide-react";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows } from "@/ui/Sheet";
import { changesQuery, type Finding, type Report } from "@/features/insight/api";
import { ordered, shown, wholeYuan } from "@/features/insight/model";
import { adviceOf, readingOf, ruleName } from "@/features/insight/words";
import { OffRules } from "@/features/insight/components/OffRules";
import { AcceptDialog, DismissDialog } from "@/features/insight/components/RuleDialogs";
import styles from "@/features/insight/insight.module.css";

interface Props {
  report: Report;
  canManage: boolean;
  onSee: (key: string) => void;
}

/** What the rules found, the dearest first: what was seen, what it costs, what to do; and whether it worked. */
export function FindingsPart({ report, canManage, onSee }: Props) {
  const { fired, quiet } = ordered(report.findings);
  const [accepting, setAccepting] = useState<Finding | null>(null);
  const [dismissing, setDismissing] = useState<Finding | null>(null);
  return (
    <>
      <p className="quiet">{t("insight.since", { from: report.diagnosis_from_on, to: report.to_on })}</p>
      {fired.length === 0 ? <EmptyState icon={<CircleCheckBig />} title={t("diagnosis.none")} hint={t("diagnosis.noneHint")} /> : (
        <ul className={styles.findings}>
          {fired.map((finding) => (
            <li key={`${finding.rule}${finding.subject}`}>
              <div className={styles.findingHead}>
                <b>{ruleName(finding)}</b>{finding.subject && <Pill>{said(finding.subject)}</Pill>}<Pill tone={finding.sure ? "near" : "plain"}>{t(finding.sure ? "diagnosis.sure" : "diagnosis.unsure")}</Pill>
                {finding.money_fen > 0 && <strong className="num">{t("insight.about.money", { money: wholeYuan(finding.money_fen) })}</strong>}
              </div>
              <p>{readingOf(finding)}</p>
              <p className={styles.advice} title={finding.source}>{adviceOf(finding)} <span className="quiet">· {said(finding.who_zh)}{finding.money_zh && ` · ${said(finding.money_zh)}`}</span></p>
              <div className={styles.line}>
                {finding.evidence && <Button size="small" onClick={() => onSee(finding.evidence)}>{t("diagnosis.evidence")}</Button>}
                {canManage && <Button size="small" onClick={() => setAccepting(finding)}>{t("diagnosis.accept")}</Button>}
                {canManage && <Button size="small" type="text" onClick={() => setDismissing(finding)}>{t("diagnosis.dismiss")}</Button>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {quiet.length > 0 && <p className="quiet">{t("diagnosis.quiet", { names: quiet.map(ruleName).join(" · ") })}</p>}
      <Outcomes report={report} />
      <OffRules canManage={canManage} />
      {accepting && <AcceptDialog finding={accepting} onClose={() => setAccepting(null)} />}
      {dismissing && <DismissDialog finding={dismissing} onClose={() => setDismissing(null)} />}
    </>
  );
}

interface Outcome {
  name_zh: string;
  changed_on: string;
  note_zh: string;
  before: { numerator: number; denominator: number };
  after: { numerator: number; denominator: number };
  verdict_zh: string;
}

function Outcomes({ report }: { report: Report }) {
  const changes = useQuery(changesQuery);
  const outcomes = report.outcomes as unknown as readonly Outcome[];
  if (!changes.data || changes.data.length === 0) return null;
  const share = (ratio: Outcome["before"]) => (ratio.denominator > 0 ? `${shown(ratio.numerator / ratio.denominator, "%")} (${ratio.numerator}/${ratio.denominator})` : "–");
  return (
    <Part title={t("diagnosis.followUp")} hint={t("diagnosis.followUpHint")}>
      <Rows rows={changes.data} keyOf={(row) => row.id}
        columns={[
          { name: t("diagnosis.changedOn"), value: (row) => <span className="num">{row.changed_on}</span>, narrow: true },
          { name: t("policies.kind"), value: (row) => <b>{tOr(`rule.${row.rule}`, row.rule)}</b> },
          { name: t("diagnosis.what"), value: (row) => <>{row.note || "–"} <span className="quiet">{row.noted_by}</span></> },
          { name: t("diagnosis.result"), value: (row) => { const found = outcomes.find((one) => one.changed_on === row.changed_on && one.note_zh === row.note); return found ? <span className="num">{share(found.before)} → {share(found.after)}<small className={styles.note}>{said(found.verdict_zh)}</small></span> : <span className="quiet">{t("diagnosis.tooEarly")}</span>; } },
        ]} />
    </Part>
  );
}
