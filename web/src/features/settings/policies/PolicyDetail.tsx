import { useState } from "react";
import { App, Button, DatePicker, Input } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import { t } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { DiffTable } from "@/features/settings/DiffTable";
import { problemsOf } from "@/features/settings/problems";
import { JsonForm } from "@/features/settings/JsonForm";
import { History } from "@/features/settings/policies/History";
import { policyQuery, setPolicy, type PolicySummary } from "@/features/settings/policies/api";
import styles from "@/features/settings/form.module.css";

/** One policy: its value to edit, from when the change counts and why, what differs, and its history. */
export function PolicyDetail({ summary }: { summary: PolicySummary }) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const policy = useQuery(policyQuery(summary.kind));
  const [edited, setEdited] = useState<{ value: Record<string, unknown>; version: number } | null>(null);
  const [from, setFrom] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  if (policy.isPending) return <LoadingRows rows={3} />;
  if (policy.isError) return <ErrorState error={policy.error} onRetry={() => void policy.refetch()} />;
  const { current, version } = policy.data;
  const value = edited?.value ?? current.value;
  const edit = (fresh: unknown) => setEdited((old) => ({ value: fresh as Record<string, unknown>, version: old?.version ?? version }));
  const done = async () => { setEdited(null); setReason(""); await client.invalidateQueries({ queryKey: ["settings", "policies"] }); void message.success(t("common.saved")); };
  const failed = (error: Error) => {
    if (error instanceof ApiError && error.code === "kit.stale") {
      void policy.refetch().then((fresh) => { setEdited((old) => old && { ...old, version: fresh.data?.version ?? old.version }); modal.info({ title: t("policies.stale"), width: 640, content: <DiffTable before={value} after={fresh.data?.current.value} /> }); });
    } else void message.error([error.message, problemsOf(error)].filter(Boolean).join(" "));
  };
  const save = () => setPolicy(summary.kind, { version: edited?.version ?? version, value, effective_from: from, reason }).then(done, failed);
  return (
    <div className={styles.wide}>
      <JsonForm value={value} onChange={edit} />
      {edited && (
        <>
          <DiffTable before={current.value} after={edited.value} />
          <div className={styles.line}>
            <Input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t("policies.why")} maxLength={200} style={{ width: 260 }} />
            <DatePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" placeholder={t("policies.now")} onChange={(date) => setFrom(date ? date.toISOString() : null)} />
            <Button type="primary" onClick={() => void save()}>{t("common.save")}</Button>
            <Button onClick={() => setEdited(null)}>{t("common.cancel")}</Button>
          </div>
        </>
      )}
      <History kind={summary.kind} policy={policy.data} onDone={() => setEdited(null)} />
    </div>
  );
}
