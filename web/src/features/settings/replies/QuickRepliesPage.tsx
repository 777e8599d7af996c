import { useMemo, useState } from "react";
import { App, Button, Input, Select } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { ApiError } from "@/api/client";
import { t, tOr } from "@/lib/i18n";
import { IconButton } from "@/ui/IconButton";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Sheet } from "@/ui/Sheet";
import { DiffTable } from "@/features/settings/DiffTable";
import { policyQuery, setPolicy } from "@/features/settings/policies/api";
import { problemsOf } from "@/features/settings/problems";
import { History } from "@/features/settings/policies/History";
import styles from "@/features/settings/replies/replies.module.css";

export interface Reply {
  title: string;
  text: string;
  scene: string;
  shortcut: string;
}

const KIND = "quick_replies";
const SCENES = ["live", "video", "pre_sale", "orders", "after_sale", "returning"] as const;
const BREAK = " / ";

/** Returns a list with one item moved up or down; the same list at its ends. */
export function moved<T>(list: readonly T[], from: number, by: 1 | -1): T[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return [...list];
  const fresh = [...list];
  [fresh[from], fresh[to]] = [fresh[to]!, fresh[from]!];
  return fresh;
}

/** The quick replies: what agents take with a slash. Saved as one version, with history and undo. */
export default function QuickRepliesPage() {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const policy = useQuery(policyQuery(KIND));
  const [edited, setEdited] = useState<{ rows: Reply[]; version: number } | null>(null);
  const [scene, setScene] = useState("");
  const [reason, setReason] = useState("");
  const saved = useMemo(() => (policy.data?.current.value["replies"] ?? []) as unknown as Reply[], [policy.data]);
  if (policy.isPending) return <LoadingRows />;
  if (policy.isError) return <ErrorState error={policy.error} onRetry={() => void policy.refetch()} />;
  const rows = edited?.rows ?? saved;
  const edit = (fresh: Reply[]) => setEdited((old) => ({ rows: fresh, version: old?.version ?? policy.data.version }));
  const change = (n: number, what: Partial<Reply>) => edit(rows.map((row, at) => (at === n ? { ...row, ...what } : row)));
  const save = async () => {
    try {
      await setPolicy(KIND, { version: edited?.version ?? policy.data.version, value: { replies: rows }, effective_from: null, reason });
      setEdited(null);
      setReason("");
      await Promise.all([client.invalidateQueries({ queryKey: ["settings", "policies"] }), client.invalidateQueries({ queryKey: ["phrasebook"] })]);
      void message.success(t("common.saved"));
    } catch (error) {
      if (error instanceof ApiError && error.code === "kit.stale") {
        const fresh = await policy.refetch();
        setEdited((old) => old && { ...old, version: fresh.data?.version ?? old.version });
        void modal.info({ title: t("policies.stale"), width: 640, content: <DiffTable before={rows} after={fresh.data?.current.value["replies"]} /> });
      } else void message.error([(error as Error).message, problemsOf(error)].filter(Boolean).join(" "));
    }
  };
  return (
    <Sheet title={t("settings.replies")} hint={t("replies.hint")}
      actions={<Button type="primary" icon={<Plus size={14} />} onClick={() => edit([{ title: "", text: "", scene: scene || "pre_sale", shortcut: "" }, ...rows])}>{t("common.add")}</Button>}>
      <div className={styles.scenes}>
        {["", ...SCENES].map((name) => <button key={name} type="button" aria-pressed={scene === name} className={scene === name ? styles.on : ""} onClick={() => setScene(name)}>{name ? t(`scene.${name as (typeof SCENES)[number]}`) : t("common.all")} <span className="num">{name ? rows.filter((row) => row.scene === name).length : rows.length}</span></button>)}
      </div>
      {edited && (
        <div className={styles.bar}>
          <Input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t("policies.why")} maxLength={200} />
          <Button type="primary" onClick={() => void save()}>{t("common.save")}</Button>
          <Button onClick={() => setEdited(null)}>{t("common.cancel")}</Button>
        </div>
      )}
      <ol className={styles.rows}>
        {rows.map((row, n) => (scene && row.scene !== scene ? null : (
          <li key={n}>
            <Input value={row.title} onChange={(event) => change(n, { title: event.target.value })} placeholder={t("replies.title")} maxLength={20} aria-label={t("replies.title")} />
            <Input value={row.shortcut} onChange={(event) => change(n, { shortcut: event.target.value })} placeholder={t("replies.shortcut")} prefix="/" maxLength={20} aria-label={t("replies.shortcut")} />
            <Select value={row.scene} onChange={(value) => change(n, { scene: value })} options={SCENES.map((value) => ({ value, label: tOr(`scene.${value}`, value) }))} aria-label={t("replies.scene")} />
            <Input.TextArea value={row.text.split(BREAK).join("\n")} onChange={(event) => change(n, { text: event.target.value.split("\n").join(BREAK) })} autoSize={{ minRows: 1, maxRows: 6 }} maxLength={500} placeholder={t("replies.text")} aria-label={t("replies.text")} />
            <span className={styles.tools}>
              <IconButton label={t("replies.up")} icon={<ArrowUp />} disabled={n === 0} onClick={() => edit(moved(rows, n, -1))} />
              <IconButton label={t("replies.down")} icon={<ArrowDown />} disabled={n === rows.length - 1} onClick={() => edit(moved(rows, n, 1))} />
              <IconButton label={t("common.delete")} icon={<Trash2 />} danger onClick={() => edit(rows.filter((_, at) => at !== n))} />
            </span>
          </li>
        )))}
      </ol>
      <History kind={KIND} policy={policy.data} onDone={() => { setEdited(null); void client.invalidateQueries({ queryKey: ["phrasebook"] }); }} />
    </Sheet>
  );
}
