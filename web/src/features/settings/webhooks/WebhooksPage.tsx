import { useState } from "react";
import { App, Button, Input, Modal, Select } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Webhook } from "lucide-react";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Rows, Sheet } from "@/ui/Sheet";
import { EndpointDetail } from "@/features/settings/webhooks/EndpointDetail";
import styles from "@/features/settings/form.module.css";

export type Endpoint = components["schemas"]["EndpointOut"];
const endpointsQuery = queryOptions({ queryKey: ["settings", "webhooks"] as const, queryFn: async () => (await ask(api.GET("/api/webhooks"))).items });

/** Addresses of the shop's own programs that want to know what happens here; signed, retried, logged. */
export default function WebhooksPage() {
  const endpoints = useQuery(endpointsQuery);
  const [open, setOpen] = useState<number | null>(null);
  const [adding, setAdding] = useState(false);
  if (endpoints.isPending) return <LoadingRows />;
  if (endpoints.isError) return <ErrorState error={endpoints.error} onRetry={() => void endpoints.refetch()} />;
  return (
    <Sheet title={t("settings.webhooks")} hint={t("webhooks.hint")} actions={<Button type="primary" icon={<Plus size={14} />} onClick={() => setAdding(true)}>{t("webhooks.add")}</Button>}>
      {endpoints.data.length === 0 ? <EmptyState icon={<Webhook />} title={t("webhooks.none")} hint={t("webhooks.noneHint")} /> : (
        <Rows rows={endpoints.data} keyOf={(row) => row.id} openKey={open} onOpen={(row) => setOpen(open === row.id ? null : row.id)}
          columns={[
            { name: t("webhooks.url"), value: (row) => <><b>{row.url}</b><br /><span className="quiet">{row.description}</span></> },
            { name: t("webhooks.filters"), value: (row) => row.filters.join(", ") },
            { name: t("channels.state"), value: (row) => <Pill tone={row.state === "active" ? (row.failing_since ? "near" : "good") : "plain"}>{tOr(`webhooks.state.${row.state}`, row.state)}</Pill>, narrow: true },
          ]}
          detail={(row) => <EndpointDetail endpoint={row} />} />
      )}
      {adding && <AddEndpoint onClose={() => setAdding(false)} />}
    </Sheet>
  );
}

function AddEndpoint({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { modal } = App.useApp();
  const [url, setUrl] = useState("https://");
  const [filters, setFilters] = useState<string[]>(["*"]);
  const [description, setDescription] = useState("");
  const [problem, setProblem] = useState("");
  const add = async () => {
    try {
      const made = await ask(api.POST("/api/webhooks", { body: { url, filters, description } }));
      await client.invalidateQueries({ queryKey: endpointsQuery.queryKey });
      onClose();
      void modal.info({ title: t("webhooks.secretOnce"), width: 560, content: <div className={styles.once}><pre>{made.secret}</pre></div> });
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Modal open title={t("webhooks.add")} onCancel={onClose} onOk={() => void add()} okText={t("common.add")} cancelText={t("common.cancel")}>
      <div className={styles.wide}>
        <label>{t("webhooks.url")}<Input value={url} onChange={(event) => setUrl(event.target.value)} autoFocus /></label>
        <label>{t("webhooks.filters")}<Select mode="tags" value={filters} onChange={setFilters} options={["*", "inbox.*", "sla.*", "trade.*", "routing.*"].map((value) => ({ value }))} /></label>
        <label>{t("webhooks.description")}<Input value={description} onChange={(event) => setDescription(event.target.value)} maxLength={200} /></label>
        {problem && <p className={styles.problem} role="alert">{problem}</p>}
      </div>
    </Modal>
  );
}
