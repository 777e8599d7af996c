import { useState } from "react";
import { Button } from "antd";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ChartSpline } from "lucide-react";
import { ApiError } from "@/api/client";
import { said, t } from "@/lib/i18n";
import { useTopic } from "@/live/context";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { reportQuery, type Report, type Span } from "@/features/insight/api";
import { ComparePart } from "@/features/insight/components/ComparePart";
import { EvidenceDrawer, type Behind } from "@/features/insight/components/EvidenceDrawer";
import { Exports } from "@/features/insight/components/Exports";
import { FindingsPart } from "@/features/insight/components/FindingsPart";
import { HeatPart } from "@/features/insight/components/HeatPart";
import { Overview } from "@/features/insight/components/Overview";
import { PeoplePart } from "@/features/insight/components/PeoplePart";
import { PlatformTable } from "@/features/insight/components/PlatformTable";
import { SpanPicker } from "@/features/insight/components/SpanPicker";
import { WhatIfPart } from "@/features/insight/components/WhatIfPart";
import styles from "@/features/insight/insight.module.css";
import { INSIGHT_TABS, type InsightSearch, type InsightTab } from "@/app/routes/insight/search";
import { can, useSession } from "@/app/session";

/** On a phone the names stand in one line: the current one is brought into sight. */
const intoSight = (link: HTMLAnchorElement | null) => link?.scrollIntoView({ block: "nearest", inline: "center" });

/** The figures of a day or a week with what stands behind each: for the supervisor and the owner. */
export function InsightPage() {
  const session = useSession();
  useTopic(can(session, "routing.manage") ? "board" : null);
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as InsightSearch;
  const tab = search.tab ?? "overview";
  const span: Span = { from: search.from ?? "", to: search.to ?? "", platform: search.platform ?? "douyin" };
  const report = useQuery(reportQuery(span));
  const shown = { from: report.data?.from_on ?? span.from, to: report.data?.to_on ?? span.to };
  const go = (next: Span) => void navigate({ to: "/insight", search: { ...search, from: next.from || undefined, to: next.to || undefined, platform: next.platform === "douyin" ? undefined : next.platform } as InsightSearch });
  return (
    <div className={`${styles.page} scroll`}>
      <div className={styles.column}>
        <header className={styles.head}>
          <h1>{t("nav.insight")}</h1>
          <div className={styles.exports}>
            {can(session, "importing.run") && <Link to="/settings/$page" params={{ page: "imports" }}><Button tabIndex={-1}>{t("settings.imports")}</Button></Link>}
            {report.data && <Exports span={{ ...span, ...shown }} />}
          </div>
        </header>
        <SpanPicker span={span} shown={shown} onChange={go} />
        <nav className={styles.tabs} aria-label={t("nav.insight")}>
          {INSIGHT_TABS.map((one) => <Link key={one} ref={one === tab ? intoSight : null} to="/insight" search={{ ...search, tab: one }} className={one === tab ? styles.on : ""} aria-current={one === tab ? "page" : undefined}>{t(`insight.tab.${one}`)}</Link>)}
        </nav>
        {report.isPending ? <LoadingRows rows={7} /> : report.isError ? <NoReport error={report.error} onRetry={() => void report.refetch()} canImport={can(session, "importing.run")} /> : <Content tab={tab} report={report.data} span={{ ...span, ...shown }} />}
      </div>
    </div>
  );
}

function NoReport({ error, onRetry, canImport }: { error: unknown; onRetry: () => void; canImport: boolean }) {
  if (!(error instanceof ApiError) || error.code !== "insight.no_data") return <ErrorState error={error} onRetry={onRetry} />;
  return <EmptyState icon={<ChartSpline />} title={t("insight.noData")} hint={t("insight.noDataHint")} action={canImport && <Link to="/settings/$page" params={{ page: "imports" }}>{t("settings.imports")}</Link>} />;
}

function Content({ tab, report, span }: { tab: InsightTab; report: Report; span: Span }) {
  const session = useSession();
  const [behind, setBehind] = useState<Behind | null>(null);
  const canManage = can(session, "insight.manage");
  const see = (key: string) => {
    const evidence = report.evidence.find((one) => one.key === key);
    if (evidence) setBehind({ title: said(evidence.title_zh), evidence });
  };
  return (
    <div className={styles.content}>
      {tab === "overview" && <><Overview report={report} onSee={see} /><PlatformTable report={report} onSee={see} /></>}
      {tab === "heat" && <HeatPart span={span} onSee={setBehind} />}
      {tab === "people" && <PeoplePart report={report} onSee={see} />}
      {tab === "diagnosis" && <FindingsPart report={report} canManage={canManage} onSee={see} />}
      {tab === "whatif" && <WhatIfPart report={report} />}
      {tab === "compare" && <ComparePart report={report} span={span} canManage={canManage} />}
      {behind && <EvidenceDrawer behind={behind} canRead={can(session, "inbox.read_all")} onClose={() => setBehind(null)} />}
    </div>
  );
}
