import { useState } from "react";
import { App, Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { DatabaseBackup, LoaderCircle } from "lucide-react";
import { bytes, fullTime } from "@/lib/format";
import { said, t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Facts, Rows, Sheet } from "@/ui/Sheet";
import { backupsQuery, checkBackup, deleteBackup, fileAddress, makeBackup, type Backup, type Backups } from "@/features/backups/api";
import { verdictOf, withBackup } from "@/features/backups/model";
import { Restore } from "@/features/backups/Restore";
import styles from "@/features/backups/backups.module.css";

const TONES = { unchecked: "plain", sound: "good", broken: "breached" } as const;

/** Backups of the installation: made while the desk works, checked to the last byte, taken home. */
export default function BackupsPage() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const backups = useQuery(backupsQuery);
  const [open, setOpen] = useState<string | null>(null);
  if (backups.isPending) return <LoadingRows />;
  if (backups.isError) return <ErrorState error={backups.error} onRetry={() => void backups.refetch()} />;
  const list = backups.data;
  const make = () => void makeBackup().then((fresh) => { client.setQueryData(backupsQuery.queryKey, fresh); void message.info(t("backups.asked")); }, (error: Error) => void message.error(error.message));
  const button = <Button type="primary" icon={<DatabaseBackup size={14} />} loading={list.is_running} onClick={make}>{t("backups.make")}</Button>;
  return (
    <Sheet title={t("settings.backups")} hint={t("backups.hint")} {...(list.items.length > 0 ? { actions: button } : {})}>
      {list.is_running && <p className={styles.running} role="status"><LoaderCircle size={16} className={styles.spin} aria-hidden />{t("backups.running")}</p>}
      {list.problem_zh && !list.is_running && <p className={styles.problem} role="alert">{t("backups.failed")}{said(list.problem_zh)}</p>}
      {list.items.length === 0 ? (!list.is_running && <EmptyState icon={<DatabaseBackup />} title={t("backups.none")} hint={t("backups.noneHint")} action={button} />) : (
        <>
          <Rows rows={list.items} keyOf={(row) => row.name} openKey={open} onOpen={(row) => setOpen(open === row.name ? null : row.name)}
            columns={[
              { name: t("backups.madeAt"), value: (row) => <b className="num">{fullTime(row.made_at)}</b>, narrow: true },
              { name: t("backups.by"), value: (row) => row.made_by || "–" },
              { name: t("backups.size"), value: (row) => <span className="num">{bytes(row.size_bytes)}</span>, narrow: true },
              { name: t("backups.state"), value: (row) => <Pill tone={TONES[verdictOf(row)]}>{t(`backups.${verdictOf(row)}`)}</Pill>, narrow: true },
              { name: "", value: (row) => <Acts row={row} list={list} />, narrow: true },
            ]}
            detail={(row) => <Detail row={row} />} />
          <p className="quiet">{t("backups.place", { folder: list.folder, free: bytes(list.free_bytes) })}</p>
          <Restore folder={list.folder} name={list.items[0]?.name ?? ""} />
        </>
      )}
    </Sheet>
  );
}

function Acts({ row, list }: { row: Backup; list: Backups }) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const [busy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    await checkBackup(row.name).then((fresh) => {
      client.setQueryData(backupsQuery.queryKey, (old: Backups | undefined) => withBackup(old ?? list, fresh));
      void (fresh.is_sound ? message.success(t("backups.checked", { messages: fresh.messages ?? 0, attachments: fresh.attachments ?? 0 })) : message.error(said(fresh.finding_zh)));
    }, (error: Error) => void message.error(error.message));
    setBusy(false);
  };
  const download = () => modal.confirm({ title: t("backups.downloadTitle"), content: t("backups.downloadHint"), okText: t("backups.download"), cancelText: t("common.cancel"), onOk: () => globalThis.location.assign(fileAddress(row.name)) });
  const remove = () => modal.confirm({ title: t("backups.deleteTitle", { name: row.name }), content: t("backups.deleteHint"), okText: t("backups.delete"), okButtonProps: { danger: true }, cancelText: t("common.cancel"), onOk: () => deleteBackup(row.name).then(() => message.success(t("backups.deleted")), (error: Error) => message.error(error.message)).then(() => client.invalidateQueries({ queryKey: backupsQuery.queryKey })) });
  return (
    <span className={styles.acts}>
      <Button size="small" loading={busy} onClick={() => void check()}>{t("backups.check")}</Button>
      <Button size="small" onClick={() => void download()}>{t("backups.download")}</Button>
      <Button size="small" type="text" danger onClick={() => void remove()}>{t("backups.delete")}</Button>
    </span>
  );
}

function Detail({ row }: { row: Backup }) {
  return (
    <>
      {row.finding_zh && <p className={styles.problem}>{said(row.finding_zh)}</p>}
      <Facts items={[
        [t("imports.file"), <code key="n">{row.name}</code>],
        ...(row.messages === null ? [] : [[t("backups.contents"), t("backups.contentsOf", { messages: row.messages, attachments: row.attachments ?? 0 })] as const]),
        ...(row.checked_at ? [[t("backups.checkedAt"), fullTime(row.checked_at)] as const] : []),
        [t("backups.schema"), <code key="s">{row.schema_revision || "–"}</code>], [t("backups.sha"), <code key="h">{row.sha256 || "–"}</code>],
      ]} />
    </>
  );
}
