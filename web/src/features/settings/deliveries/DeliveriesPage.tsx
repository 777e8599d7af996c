import { useState } from "react";
import { App, Button } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheckBig } from "lucide-react";
import { api, ask } from "@/api/client";
import { fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Facts, Part, Rows, Sheet } from "@/ui/Sheet";
import styles from "@/features/settings/form.module.css";

const failedQuery = queryOptions({ queryKey: ["settings", "deliveries"] as const, queryFn: async () => (await ask(api.GET("/api/deliveries", { params: { query: { limit: 100 } } }))).items });
const deadQuery = queryOptions({ queryKey: ["settings", "dead-jobs"] as const, queryFn: async () => (await ask(api.GET("/api/jobs/dead", { params: { query: { limit: 100 } } }))).items });
const systemQuery = queryOptions({ queryKey: ["settings", "system"] as const, queryFn: () => ask(api.GET("/api/system")), refetchInterval: 10_000 });

/** What the machine could not do: platform deliveries that were not understood, jobs that failed for good. Replay is safe. */
export default function DeliveriesPage() {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const failed = useQuery(failedQuery);
  const dead = useQuery(deadQuery);
  const system = useQuery(systemQuery);
  const [open, setOpen] = useState<string | null>(null);
  const run = (work: Promise<unknown>, done = t("deliveries.replayed")) => void work.then(() => message.success(done), (error: Error) => message.error(error.message)).then(() => Promise.all([client.invalidateQueries({ queryKey: failedQuery.queryKey }), client.invalidateQueries({ queryKey: deadQuery.queryKey })]));
  const discard = (job_id: number) => modal.confirm({ title: t("deliveries.discardTitle"), content: t("deliveries.discardHint"), okText: t("deliveries.discard"), okButtonProps: { danger: true }, cancelText: t("common.cancel"), onOk: () => run(ask(api.DELETE("/api/jobs/dead/{job_id}", { params: { path: { job_id } } })), t("deliveries.discarded")) });
  return (
    <Sheet title={t("settings.deliveries")} hint={t("deliveries.hint")}>
      {system.data && <Facts items={[[t("system.queued"), system.data.queued], [t("system.running"), system.data.running], [t("system.dead"), system.data.dead], [t("system.sockets"), system.data.sockets], [t("system.batch"), system.data.lane_batch_size], [t("system.schema"), <code key="s">{system.data.schema_revision}</code>]]} />}
      <Part title={t("deliveries.inbound")}>
        {failed.isPending ? <LoadingRows rows={2} /> : failed.isError ? <ErrorState error={failed.error} onRetry={() => void failed.refetch()} /> : failed.data.length === 0 ? <EmptyState icon={<CircleCheckBig />} title={t("deliveries.none")} /> : (
          <Rows rows={failed.data} keyOf={(row) => `d${row.id}`} openKey={open} onOpen={(row) => setOpen(open === `d${row.id}` ? null : `d${row.id}`)}
            columns={[
              { name: t("audit.at"), value: (row) => <span className="num">{fullTime(row.received_at)}</span>, narrow: true },
              { name: t("channels.channel"), value: (row) => tOr(`channel.${row.channel}`, row.channel), narrow: true },
              { name: t("deliveries.error"), value: (row) => said(row.error) },
              { name: "", value: (row) => <Button size="small" onClick={() => run(ask(api.POST("/api/deliveries/{delivery_id}/replay", { params: { path: { delivery_id: row.id } } })))}>{t("webhooks.replay")}</Button>, narrow: true },
            ]}
            detail={(row) => <pre className={styles.json}>{row.body_start}</pre>} />
        )}
      </Part>
      <Part title={t("deliveries.jobs")}>
        {dead.isPending ? <LoadingRows rows={2} /> : dead.isError ? <ErrorState error={dead.error} onRetry={() => void dead.refetch()} /> : dead.data.length === 0 ? <EmptyState icon={<CircleCheckBig />} title={t("deliveries.noJobs")} /> : (
          <Rows rows={dead.data} keyOf={(row) => `j${row.id}`} openKey={open} onOpen={(row) => setOpen(open === `j${row.id}` ? null : `j${row.id}`)}
            columns={[
              { name: t("audit.at"), value: (row) => <span className="num">{fullTime(row.created_at)}</span>, narrow: true },
              { name: t("deliveries.job"), value: (row) => <b title={row.kind}>{tOr(`job.${row.kind}`, row.kind)}</b> },
              { name: t("webhooks.tries"), value: (row) => <span className="num">{row.attempt}</span>, narrow: true },
              { name: "", value: (row) => <span style={{ display: "inline-flex", gap: 6 }}><Button size="small" onClick={() => run(ask(api.POST("/api/jobs/dead/{job_id}/replay", { params: { path: { job_id: row.id } } })))}>{t("webhooks.replay")}</Button><Button size="small" type="text" danger onClick={() => void discard(row.id)}>{t("deliveries.discard")}</Button></span>, narrow: true },
            ]}
            detail={(row) => <pre className={styles.json}>{said(row.error)}</pre>} />
        )}
      </Part>
    </Sheet>
  );
}
