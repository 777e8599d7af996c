import { useState } from "react";
import { App, Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileSpreadsheet } from "lucide-react";
import { dayKey, fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill, type Tone } from "@/ui/Pill";
import { Facts, Rows } from "@/ui/Sheet";
import { badRowsQuery, cancelImport, undoImport, type Import } from "@/features/importing/api";
import { countsOf } from "@/features/importing/counts";
import { BadRows } from "@/features/importing/components/BadRows";
import styles from "@/features/importing/importing.module.css";

const TONES: Record<string, Tone> = { "": "calm", done: "good", undone: "plain", cancelled: "plain", failed: "breached" };

/** What was imported, by whom, what it gave; each can be undone as if the file had never been there. */
export function History({ rows }: { rows: readonly Import[] }) {
  const [open, setOpen] = useState<number | null>(null);
  if (rows.length === 0) return <EmptyState icon={<FileSpreadsheet />} title={t("imports.none")} hint={t("imports.noneHint")} />;
  return (
    <Rows rows={rows} keyOf={(row) => row.id} openKey={open} onOpen={(row) => setOpen(open === row.id ? null : row.id)}
      columns={[
        { name: t("audit.at"), value: (row) => <span className="num">{fullTime(row.started_at)}</span>, narrow: true },
        { name: t("imports.file"), value: (row) => <div><b>{row.file_name}</b><br /><small className="quiet">{tOr(`importKind.${row.kind}`, row.kind_zh)}</small></div> },
        { name: t("imports.added"), value: (row) => <span className="num">{row.outcome === "done" || row.outcome === "undone" ? countsOf(row.counts).added.toLocaleString() : "–"}</span>, narrow: true },
        { name: t("imports.bad"), value: (row) => <span className="num">{countsOf(row.counts).bad || "–"}</span>, narrow: true },
        { name: t("channels.state"), value: (row) => <Pill tone={TONES[row.outcome] ?? "plain"}>{tOr(`imports.outcome.${row.outcome || "running"}`, row.outcome)}</Pill>, narrow: true },
        { name: "", value: (row) => <Acts row={row} />, narrow: true },
      ]}
      detail={(row) => <Detail row={row} />} />
  );
}

function Acts({ row }: { row: Import }) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const renew = () => Promise.all([client.invalidateQueries({ queryKey: ["imports", "list"] }), client.invalidateQueries({ queryKey: ["insight"] })]);
  const run = (work: Promise<unknown>, done: string) => work.then(() => void message.success(done), (error: Error) => void message.error(error.message)).then(renew);
  if (row.outcome === "") return <Button size="small" onClick={() => void run(cancelImport(row.id), t("imports.cancelled"))}>{t("common.cancel")}</Button>;
  if (row.outcome !== "done") return null;
  const undo = () => modal.confirm({ title: t("imports.undoTitle", { name: row.file_name }), content: t("imports.undoHint", { n: countsOf(row.counts).added.toLocaleString() }), okText: t("imports.undo"), okButtonProps: { danger: true }, cancelText: t("common.cancel"), onOk: () => run(undoImport(row.id, ""), t("imports.undone")) });
  return <Button size="small" onClick={() => void undo()}>{t("imports.undo")}</Button>;
}

function Detail({ row }: { row: Import }) {
  const counts = countsOf(row.counts);
  const bad = useQuery({ ...badRowsQuery(row.id), enabled: counts.bad > 0 });
  return (
    <div className={styles.detail}>
      <Facts items={[
        [t("imports.by"), row.started_by || "–"],
        ...(row.ended_at ? [[t("imports.ended"), fullTime(row.ended_at)] as const] : []),
        ...(row.reason ? [[t("common.reason"), said(row.reason)] as const] : []),
        [t("imports.rowsRead"), counts.rows.toLocaleString()], [t("imports.added"), counts.added.toLocaleString()],
        [t("imports.overlapping"), counts.overlapping.toLocaleString()], [t("imports.repeated"), counts.repeated.toLocaleString()],
        ...(counts.span ? [[t("imports.span"), `${dayKey(counts.span[0])} – ${dayKey(counts.span[1])}`] as const] : []),
      ]} />
      {counts.notes.length > 0 && <ul className={styles.notes}>{counts.notes.map((note) => <li key={note}>{note}</li>)}</ul>}
      {counts.sums.length > 0 && <ul className={styles.notes}>{counts.sums.map((sum) => <li key={sum.column}>{t("imports.checkSum", { name: sum.column, stated: sum.stated, added: sum.added })}</li>)}</ul>}
      {counts.bad > 0 && (bad.isPending ? <LoadingRows rows={2} height={28} /> : bad.isError ? <ErrorState error={bad.error} onRetry={() => void bad.refetch()} /> : <BadRows rows={bad.data.items} />)}
    </div>
  );
}
