import { useState } from "react";
import { Button } from "antd";
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { api, ask } from "@/api/client";
import { fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Facts, Rows, Sheet } from "@/ui/Sheet";
import { aboutOf, detailOf, whoOf } from "@/features/settings/audit/words";

const auditQuery = infiniteQueryOptions({
  queryKey: ["settings", "audit"] as const,
  queryFn: ({ pageParam }) => ask(api.GET("/api/audit", { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
});

const verdictQuery = queryOptions({ queryKey: ["settings", "audit-verdict"] as const, queryFn: () => ask(api.GET("/api/audit/verdict")), enabled: false });

/** Who did what and when, in a chain that shows when somebody changed it. */
export default function AuditPage() {
  const audit = useInfiniteQuery(auditQuery);
  const verdict = useQuery(verdictQuery);
  const [open, setOpen] = useState<number | null>(null);
  const rows = audit.data?.pages.flatMap((page) => page.items) ?? [];
  const names = new Map(rows.flatMap((row) => (row.actor_kind === "user" && row.actor_id !== null ? [[row.actor_id, row.actor_name] as const] : [])));
  return (
    <Sheet title={t("settings.audit")} hint={t("audit.hint")} actions={<Button loading={verdict.isFetching} onClick={() => void verdict.refetch()}>{t("audit.verify")}</Button>}>
      {verdict.data && (
        <Pill tone={verdict.data.is_intact ? "good" : "breached"}>
          {verdict.data.is_intact ? <ShieldCheck size={13} /> : <ShieldAlert size={13} />} {verdict.data.is_intact ? t("audit.intact", { n: verdict.data.row_count }) : t("audit.broken", { n: verdict.data.broken_at ?? 0 })}
        </Pill>
      )}
      {audit.isPending ? <LoadingRows /> : audit.isError ? <ErrorState error={audit.error} onRetry={() => void audit.refetch()} /> : rows.length === 0 ? <EmptyState title={t("audit.none")} /> : (
        <Rows rows={rows} keyOf={(row) => row.id} onOpen={(row) => setOpen(open === row.id ? null : row.id)} openKey={open}
          columns={[
            { name: t("audit.at"), value: (row) => <time className="num">{fullTime(row.at)}</time>, narrow: true },
            { name: t("audit.who"), value: (row) => whoOf(row) },
            { name: t("audit.what"), value: (row) => tOr(`audit.action.${row.action}`, row.action) },
            { name: t("audit.about"), value: (row) => <span className="quiet" title={row.subject}>{aboutOf(row, names)}</span> },
            { name: "", value: (row) => row.result !== "ok" && <Pill tone="near">{tOr(`audit.result.${row.result}`, row.result)}</Pill>, narrow: true },
          ]}
          detail={(row) => <Facts items={[[t("audit.ip"), row.ip || "–"], [t("audit.about"), <code key="s">{row.subject || "–"}</code>], ...detailOf(row.detail).map(([name, value]) => [name, said(value)] as const), [t("audit.hash"), <code key="h">{row.hash}</code>]]} />} />
      )}
      {audit.hasNextPage && <Button onClick={() => void audit.fetchNextPage()} loading={audit.isFetchingNextPage}>{t("common.loadMore")}</Button>}
    </Sheet>
  );
}
