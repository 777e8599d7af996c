import { useState } from "react";
import { App, Button, Input } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { fullTime } from "@/lib/format";
import { said, t } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows, Sheet } from "@/ui/Sheet";
import { DiffTable } from "@/features/settings/DiffTable";
import { problemsOf } from "@/features/settings/problems";
import { JsonForm } from "@/features/settings/JsonForm";
import styles from "@/features/settings/form.module.css";

type Rules = components["schemas"]["RulesBody"];

const rulesQuery = queryOptions({ queryKey: ["settings", "routing"] as const, queryFn: () => ask(api.GET("/api/routing/settings")) });

/** How chats find their people: entries, groups, stickiness, overflow. In force at once; every change has an author. */
export default function RoutingRulesPage() {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const rules = useQuery(rulesQuery);
  const [edited, setEdited] = useState<{ rules: Rules; version: number } | null>(null);
  const [reason, setReason] = useState("");
  if (rules.isPending) return <LoadingRows />;
  if (rules.isError) return <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />;
  const value = edited?.rules ?? rules.data.rules;
  const edit = (fresh: unknown) => setEdited((old) => ({ rules: fresh as Rules, version: old?.version ?? rules.data.version }));
  const save = async (fresh: Rules = value, why = reason) => {
    try {
      client.setQueryData(rulesQuery.queryKey, await ask(api.PUT("/api/routing/settings", { body: { rules: fresh, reason: why, version: edited?.version ?? rules.data.version } })));
      setEdited(null);
      setReason("");
      void message.success(t("common.saved"));
    } catch (error) {
      if (error instanceof ApiError && error.code === "kit.stale") {
        const fresh = await rules.refetch();
        setEdited((old) => old && { ...old, version: fresh.data?.version ?? old.version });
        void modal.info({ title: t("policies.stale"), width: 640, content: <DiffTable before={value} after={fresh.data?.rules} /> });
      } else void message.error([(error as Error).message, problemsOf(error)].filter(Boolean).join(" "));
    }
  };
  return (
    <Sheet title={t("settings.routing")} hint={t("routing.hint")}>
      <JsonForm value={value} onChange={edit} />
      {edited && (
        <Part title={t("diff.title")}>
          <DiffTable before={rules.data.rules} after={edited.rules} />
          <div className={styles.line}>
            <Input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t("policies.why")} maxLength={200} style={{ width: 260 }} />
            <Button type="primary" onClick={() => void save()}>{t("common.save")}</Button>
            <Button onClick={() => setEdited(null)}>{t("common.cancel")}</Button>
          </div>
        </Part>
      )}
      <Part title={t("policies.history")}>
        {rules.data.items.length === 0 ? <p className="quiet">{t("policies.onlyDefault")}</p> : (
          <Rows rows={rules.data.items} keyOf={(row) => row.version}
            columns={[{ name: t("policies.version"), value: (row) => `v${row.version}`, narrow: true }, { name: t("policies.since"), value: (row) => <span className="num">{fullTime(row.effective_at)}</span>, narrow: true }, { name: t("common.reason"), value: (row) => said(row.reason) },
              { name: "", value: (row) => (row.version === rules.data.version ? <Pill tone="accent">{t("policies.inForce")}</Pill> : <Button size="small" onClick={() => void save(row.rules, t("policies.backTo", { n: row.version }))}>{t("policies.restore")}</Button>), narrow: true }]} />
        )}
      </Part>
    </Sheet>
  );
}
