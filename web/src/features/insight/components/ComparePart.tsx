import { App, Button, Modal } from "antd";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { dayKey } from "@/lib/format";
import { nowMs } from "@/lib/clock";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows } from "@/ui/Sheet";
import { calibrationQuery, setRoundRules, type Comparison, type Platform, type Report, type Span } from "@/features/insight/api";
import { shown } from "@/features/insight/model";
import styles from "@/features/insight/insight.module.css";

interface Calibration {
  rules: Record<string, string | number>;
  mean_error_s: number;
  default_error_s: number;
  undecided: readonly string[];
  worst_day: string;
  days: number;
}

const CHOICES = ["anchor", "first_round", "closing", "late", "perfunctory"] as const;

/** The platform's own figures beside ours, each difference with its likely reason; and what calibration found. */
export function ComparePart({ report, span, canManage }: { report: Report; span: Span; canManage: boolean }) {
  const calibration = useQuery({ ...calibrationQuery(span), enabled: report.comparisons.length > 0 });
  if (report.comparisons.length === 0) return <EmptyState icon={<Scale />} title={t("compare.none")} hint={t("compare.noneHint")} />;
  return (
    <>
      <p className="quiet">{t("compare.hint")}</p>
      <Rows rows={report.comparisons} keyOf={(row) => row.metric}
        columns={[
          { name: t("insight.indicator"), value: (row) => <b>{tOr(`metric.${row.metric}`, row.name_zh)}</b> },
          { name: t("insight.theirs"), value: (row) => <span className="num">{shown(row.platform_value, row.unit)}</span>, narrow: true },
          { name: t("insight.ours"), value: (row) => <span className="num">{shown(row.our_value, row.unit)}</span>, narrow: true },
          { name: t("compare.difference"), value: (row) => <Difference row={row} />, narrow: true },
          { name: t("compare.reason"), value: (row) => <span className="quiet">{said(row.reason_zh)}</span> },
        ]} />
      {calibration.isPending ? <LoadingRows rows={4} height={32} /> : calibration.isError ? <ErrorState error={calibration.error} onRetry={() => void calibration.refetch()} /> : calibration.data && <CalibrationPart found={calibration.data as unknown as Calibration} platform={span.platform} canManage={canManage} />}
    </>
  );
}

function Difference({ row }: { row: Comparison }) {
  if (row.difference === null) return <span className="quiet">–</span>;
  const size = row.unit === "%" ? t("insight.points", { n: (row.difference * 100).toFixed(1) }) : row.difference.toFixed(1);
  return <Pill tone={row.is_close ? "good" : "near"}>{`${row.difference > 0 ? "+" : ""}${size}${row.share === null ? "" : ` (${row.share > 0 ? "+" : ""}${(row.share * 100).toFixed(1)}%)`}`}</Pill>;
}

function CalibrationPart({ found, platform, canManage }: { found: Calibration; platform: Platform; canManage: boolean }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [asking, setAsking] = useState(false);
  const value = Object.fromEntries(CHOICES.map((name) => [name, found.rules[name]]));
  const adopt = () => void setRoundRules(platform, dayKey(nowMs()), value, t("compare.adopted")).then(() => { void message.success(t("compare.adoptedNow")); setAsking(false); return client.invalidateQueries({ queryKey: ["insight"] }); }, (error: Error) => void message.error(error.message));
  return (
    <Part title={t("compare.calibration")} hint={t("compare.calibrationHint", { days: found.days, best: found.mean_error_s.toFixed(2), now: found.default_error_s.toFixed(2), day: found.worst_day })} {...(canManage ? { actions: <Button onClick={() => setAsking(true)}>{t("compare.adopt")}</Button> } : {})}>
      <Rows rows={CHOICES} keyOf={(name) => name}
        columns={[
          { name: t("compare.question"), value: (name) => t(`calibrate.${name}`) },
          { name: t("compare.found"), value: (name) => (found.undecided.includes(name) ? <span className="quiet">{t("compare.undecided")}</span> : <b>{tOr(`calibrate.${name}.${found.rules[name]}`, String(found.rules[name]))}</b>) },
        ]} />
      <Modal open={asking} title={t("compare.adopt")} okText={t("compare.adopt")} cancelText={t("common.cancel")} onCancel={() => setAsking(false)} onOk={adopt}>
        <p className={styles.form}>{t("compare.adoptHint")}</p>
      </Modal>
    </Part>
  );
}
