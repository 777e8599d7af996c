import { App, Button } from "antd";
import { infiniteQueryOptions, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { fullTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill, type Tone } from "@/ui/Pill";
import { Rows } from "@/ui/Sheet";
import type { Endpoint } from "@/features/settings/webhooks/WebhooksPage";
import styles from "@/features/settings/form.module.css";

const TONES: Record<string, Tone> = { delivered: "good", failed: "breached", dead: "breached", waiting: "near", queued: "plain", pending: "plain" };
const deliveriesQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: ["settings", "webhooks", "deliveries", id] as const,
    queryFn: ({ pageParam }) => ask(api.GET("/api/webhooks/{endpoint_id}/deliveries", { params: { path: { endpoint_id: id }, query: { limit: 20, ...(pageParam ? { cursor: pageParam as never } : {}) } } })),
    initialPageParam: "" as string | number,
    getNextPageParam: (page) => page.next_cursor as string | number | null,
  });

/** One address: test it, pause it, change its secret; its delivery log with replay. */
export function EndpointDetail({ endpoint }: { endpoint: Endpoint }) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const log = useInfiniteQuery(deliveriesQuery(endpoint.id));
  const path = { params: { path: { endpoint_id: endpoint.id } } };
  const run = (work: Promise<unknown>) => void work.then(() => message.success(t("common.saved")), (error: Error) => message.error(error.message)).then(() => client.invalidateQueries({ queryKey: ["settings", "webhooks"] }));
  const newSecret = () => void ask(api.POST("/api/webhooks/{endpoint_id}/secret", path)).then((found) => void modal.info({ title: t("webhooks.secretOnce"), width: 560, content: <div className={styles.once}><pre>{found.secret}</pre></div> }), (error: Error) => message.error(error.message));
  const rows = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.wide}>
      <div className={styles.line}>
        <Button onClick={() => run(ask(api.POST("/api/webhooks/{endpoint_id}/test", path)))}>{t("webhooks.test")}</Button>
        <Button onClick={() => run(ask(api.PUT("/api/webhooks/{endpoint_id}/state", { ...path, body: { state: endpoint.state === "active" ? "paused" : "active", reason: "" } })))}>{t(endpoint.state === "active" ? "channels.pause" : "channels.resume")}</Button>
        <Button onClick={newSecret}>{t("webhooks.newSecret")}</Button>
        <Button onClick={() => run(ask(api.POST("/api/webhooks/{endpoint_id}/replay", path as never)))}>{t("webhooks.replayFailed")}</Button>
        <Button danger type="text" onClick={() => run(ask(api.DELETE("/api/webhooks/{endpoint_id}", path)))}>{t("common.delete")}</Button>
      </div>
      {log.isPending ? <LoadingRows rows={3} height={30} /> : log.isError ? <ErrorState error={log.error} onRetry={() => void log.refetch()} /> : rows.length === 0 ? <p className="quiet">{t("webhooks.noDeliveries")}</p> : (
        <Rows rows={rows} keyOf={(row) => row.id}
          columns={[
            { name: t("audit.at"), value: (row) => <span className="num">{fullTime(row.created_at)}</span>, narrow: true },
            { name: t("webhooks.event"), value: (row) => row.event_type },
            { name: t("webhooks.tries"), value: (row) => <span className="num">{row.attempt_count}</span>, narrow: true },
            { name: t("channels.state"), value: (row) => <Pill tone={TONES[row.state] ?? "plain"}>{tOr(`webhooks.delivery.${row.state}`, row.state)}</Pill>, narrow: true },
            { name: "", value: (row) => <Button size="small" type="text" onClick={() => run(ask(api.POST("/api/webhooks/deliveries/{delivery_id}/replay", { params: { path: { delivery_id: row.id } } })))}>{t("webhooks.replay")}</Button>, narrow: true },
          ]} />
      )}
      {log.hasNextPage && <Button size="small" onClick={() => void log.fetchNextPage()}>{t("common.loadMore")}</Button>}
    </div>
  );
}
