import { useState } from "react";
import { App, Button, ColorPicker, Input } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Tags } from "lucide-react";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Rows, Sheet } from "@/ui/Sheet";
import styles from "@/features/settings/form.module.css";

type Label = components["schemas"]["LabelOut"];
const labelsQuery = queryOptions({ queryKey: ["inbox", "labels"] as const, queryFn: async () => (await ask(api.GET("/api/labels"))).items });
const path = (label_id: number) => ({ params: { path: { label_id } } });

/** The labels that agents put on chats. */
export default function LabelsPage() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const labels = useQuery(labelsQuery);
  const [name, setName] = useState("");
  const run = (work: Promise<unknown>) => work.then(() => client.invalidateQueries({ queryKey: labelsQuery.queryKey }), (error: Error) => { void message.error(error.message); return labels.refetch(); });
  const add = () => void run(ask(api.POST("/api/labels", { body: { name_zh: name.trim() } as never })).then(() => setName("")));
  const change = (label: Label, what: Partial<Label>) => void run(ask(api.PUT("/api/labels/{label_id}", { ...path(label.id), body: { name_zh: label.name_zh, color: label.color, version: label.version, ...what } })));
  if (labels.isPending) return <LoadingRows />;
  if (labels.isError) return <ErrorState error={labels.error} onRetry={() => void labels.refetch()} />;
  return (
    <Sheet title={t("settings.labels")} hint={t("labels.hint")}>
      <form className={styles.line} onSubmit={(event) => { event.preventDefault(); if (name.trim()) add(); }}>
        <Input value={name} onChange={(event) => setName(event.target.value)} placeholder={t("labels.new")} maxLength={60} style={{ width: 240 }} />
        <Button htmlType="submit" type="primary" disabled={!name.trim()}>{t("common.add")}</Button>
      </form>
      {labels.data.length === 0 ? <EmptyState icon={<Tags />} title={t("label.none")} /> : (
        <Rows rows={labels.data} keyOf={(row) => row.id}
          columns={[
            { name: t("labels.color"), value: (row) => <ColorPicker size="small" value={row.color} disabledAlpha onChangeComplete={(color) => change(row, { color: color.toHexString() })} />, narrow: true },
            { name: t("people.name"), value: (row) => <Input variant="borderless" size="small" defaultValue={row.name_zh} key={row.version} maxLength={60} onBlur={(event) => { if (event.target.value.trim() && event.target.value !== row.name_zh) change(row, { name_zh: event.target.value.trim() }); }} aria-label={t("people.name")} /> },
            { name: "", value: (row) => <Button size="small" type="text" danger onClick={() => void run(ask(api.DELETE("/api/labels/{label_id}", path(row.id))))}>{t("labels.retire")}</Button>, narrow: true },
          ]} />
      )}
    </Sheet>
  );
}
