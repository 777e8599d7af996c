import { useState } from "react";
import { App, Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Clapperboard, Plus } from "lucide-react";
import { fullTime, ms } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill, type Tone } from "@/ui/Pill";
import { Part, Rows, Sheet } from "@/ui/Sheet";
import { cancelPromotion, cancelSession, endSession, extendSession, promotionsQuery, sessionsQuery, startSession, type LiveSession } from "@/features/settings/live/api";
import { PlanDialog } from "@/features/settings/live/PlanDialog";
import { PromotionDialog } from "@/features/settings/live/PromotionDialog";
import styles from "@/features/settings/form.module.css";

const TONES: Record<string, Tone> = { planned: "calm", live: "breached", ended: "plain", cancelled: "plain" };
const HALF_HOUR = 1_800_000;

/** Live sessions and promotions: they tighten reply targets and call for more hands. */
export default function LiveSessionsPage() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const sessions = useQuery(sessionsQuery);
  const promotions = useQuery(promotionsQuery);
  const [editing, setEditing] = useState<LiveSession | "new" | null>(null);
  const [promoting, setPromoting] = useState(false);
  const renew = () => Promise.all([client.invalidateQueries({ queryKey: sessionsQuery.queryKey }), client.invalidateQueries({ queryKey: promotionsQuery.queryKey })]);
  const run = (work: Promise<unknown>) => void work.then(renew, (error: Error) => { void message.error(error.message); return renew(); });
  if (sessions.isPending) return <LoadingRows />;
  if (sessions.isError) return <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />;
  const acts = (row: LiveSession) => (
    <span className={styles.line} style={{ flexWrap: "nowrap" }}>
      {row.state === "planned" && <Button size="small" type="primary" onClick={() => run(startSession(row.id))}>{t("live.start")}</Button>}
      {row.state === "live" && <Button size="small" onClick={() => run(extendSession(row.id, new Date(ms(row.planned_end_at) + HALF_HOUR).toISOString()))}>{t("live.extend")}</Button>}
      {row.state === "live" && <Button size="small" danger onClick={() => run(endSession(row.id))}>{t("live.end")}</Button>}
      {row.state === "planned" && <Button size="small" onClick={() => setEditing(row)}>{t("common.edit")}</Button>}
      {row.state === "planned" && <Button size="small" type="text" onClick={() => run(cancelSession(row.id))}>{t("common.cancel")}</Button>}
    </span>
  );
  return (
    <Sheet title={t("settings.live")} hint={t("live.hint")} actions={<Button type="primary" icon={<Plus size={14} />} onClick={() => setEditing("new")}>{t("live.plan")}</Button>}>
      {sessions.data.length === 0 ? <EmptyState icon={<Clapperboard />} title={t("live.none")} /> : (
        <Rows rows={sessions.data} keyOf={(row) => row.id}
          columns={[
            { name: t("live.title"), value: (row) => <><b>{row.title}</b> <span className="quiet">{row.presenter}</span></> },
            { name: t("live.when"), value: (row) => <span className="num">{fullTime(row.actual_start_at ?? row.planned_start_at)} – {fullTime(row.actual_end_at ?? row.planned_end_at)}</span> },
            { name: t("live.guard"), value: (row) => <span className="num quiet">{row.guard_from && row.guard_until ? `${fullTime(row.guard_from)} – ${fullTime(row.guard_until)}` : "–"}</span> },
            { name: t("channels.state"), value: (row) => <Pill tone={TONES[row.state] ?? "plain"}>{tOr(`board.live.${row.state}`, row.state)}</Pill>, narrow: true },
            { name: "", value: acts, narrow: true },
          ]} />
      )}
      <Part title={t("live.promotions")} hint={t("live.promotionsHint")} actions={<Button onClick={() => setPromoting(true)}>{t("live.addPromotion")}</Button>}>
        {(promotions.data?.length ?? 0) === 0 ? <p className="quiet">{t("common.none")}</p> : (
          <Rows rows={promotions.data ?? []} keyOf={(row) => row.id}
            columns={[
              { name: t("live.title"), value: (row) => <b>{row.name_zh}</b> },
              { name: t("live.when"), value: (row) => <span className="num">{fullTime(row.starts_at)} – {fullTime(row.ends_at)}</span> },
              { name: "", value: (row) => (row.cancelled_at ? <Pill>{t("board.live.cancelled")}</Pill> : <Button size="small" type="text" onClick={() => run(cancelPromotion(row.id))}>{t("common.cancel")}</Button>), narrow: true },
            ]} />
        )}
      </Part>
      {editing && <PlanDialog session={editing === "new" ? null : editing} onClose={() => setEditing(null)} onDone={() => void renew()} />}
      {promoting && <PromotionDialog onClose={() => setPromoting(false)} onDone={() => void renew()} />}
    </Sheet>
  );
}
