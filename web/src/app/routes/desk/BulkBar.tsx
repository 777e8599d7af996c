import { useState, type ReactNode } from "react";
import { App, Button, Popover } from "antd";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AlarmClock, ArrowRightLeft, CircleCheckBig, Tags, TriangleAlert, Undo2, X } from "lucide-react";
import { locale, t, type TextKey } from "@/lib/i18n";
import { IconButton } from "@/ui/IconButton";
import { actOnMany, labelsQuery } from "@/features/inbox/api";
import { inboxKeys } from "@/features/inbox/live";
import type { Row } from "@/features/inbox/rows";
import { failures, MOST, undoing, type BulkBody, type BulkItem } from "@/features/inbox/selection";
import { tame } from "@/features/inbox/text";
import { SnoozeMenu } from "@/app/routes/desk/SnoozeMenu";
import { TransferMenu } from "@/app/routes/desk/TransferMenu";
import styles from "@/app/routes/desk/bulk.module.css";

interface Props {
  /** The chosen chats, as they are now. */
  rows: readonly Row[];
  onChoose: (ids: readonly number[]) => void;
}

interface Outcome {
  body: BulkBody;
  before: readonly Row[];
  items: readonly BulkItem[];
  to: string;
}

/** What can be done to the chosen chats, and how it went for each; what was done can be taken back. */
export function BulkBar({ rows, onChoose }: Props) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const [open, setOpen] = useState<"assign" | "snooze" | "label" | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: inboxKeys.lists });
  const act = useMutation({
    mutationFn: async (wish: { body: BulkBody; to: string }) => ({ ...wish, before: rows, items: (await actOnMany(wish.body)).items }),
    onSuccess: (done) => { setOutcome(done); onChoose(failures(done.items, rows).map((one) => one.id)); void renew(); },
    onError: (error) => void message.error(t("act.failed", { reason: error.message })),
  });
  const undo = useMutation({
    mutationFn: async (bodies: BulkBody[]) => { const items: BulkItem[] = []; for (const body of bodies) items.push(...(await actOnMany(body)).items); return items.filter((item) => !item.is_done).length; },
    onSuccess: (left) => { setOutcome(null); void message[left > 0 ? "warning" : "success"](left > 0 ? t("bulk.undoPart", { n: left }) : t("bulk.undone")); void renew(); },
    onError: (error) => void message.error(error.message),
  });
  const run = (change: Omit<BulkBody, "conversation_ids" | "reason"> & { reason?: string }, to = "") => {
    setOpen(null);
    act.mutate({ body: { reason: "bulk", ...change, conversation_ids: rows.map((row) => row.id) }, to });
  };
  const close = () => {
    const waiting = rows.filter((row) => row.waiting_since !== null).length;
    void modal.confirm({ title: t("bulk.closeAsk", { n: rows.length }), content: waiting > 0 ? t("bulk.closeWaiting", { n: waiting }) : undefined, okText: t("bulk.close"), cancelText: t("common.cancel"), onOk: () => run({ action: "close" }) });
  };
  if (rows.length === 0 && !outcome) return null;
  const menu = (name: NonNullable<typeof open>, icon: ReactNode, label: TextKey, content: ReactNode) => (
    <Popover open={open === name} onOpenChange={(on) => setOpen(on ? name : null)} trigger="click" placement="topLeft" content={content} destroyOnHidden>
      <Button size="small" type="text" icon={icon}>{t(label)}</Button>
    </Popover>
  );
  return (
    <section className={styles.bar} aria-label={t("bulk.label")}>
      {outcome && <Result outcome={outcome} busy={undo.isPending} onUndo={(bodies) => undo.mutate(bodies)} onClose={() => setOutcome(null)} />}
      {rows.length > 0 && (
        <>
          <div className={styles.count}><b role="status">{t("bulk.count", { n: rows.length })}</b>{rows.length === MOST && <span className="quiet">{t("bulk.most", { n: MOST })}</span>}<IconButton label={t("bulk.clear")} keys="Escape" icon={<X />} onClick={() => onChoose([])} placement="top" /></div>
          <div className={styles.acts} aria-busy={act.isPending}>
            {menu("assign", <ArrowRightLeft size={15} />, "bulk.assign", <TransferMenu without={null} groupNow={null} self onPick={(to, name) => run({ action: "assign", agent_id: to.to_user_id ?? null, group_id: to.to_group_id ?? null, ...(to.note.trim() ? { reason: to.note.trim() } : {}) }, name)} />)}
            {menu("label", <Tags size={15} />, "bulk.labelAct", <Labels rows={rows} onPick={run} />)}
            {menu("snooze", <AlarmClock size={15} />, "bulk.snooze", <SnoozeMenu onPick={(until) => run({ action: "snooze", until: new Date(until).toISOString() })} onWake={rows.some((row) => row.snoozed_until) ? () => run({ action: "wake" }) : null} />)}
            <Button size="small" type="text" icon={<CircleCheckBig size={15} />} onClick={close}>{t("bulk.close")}</Button>
          </div>
        </>
      )}
    </section>
  );
}

function Labels({ rows, onPick }: { rows: readonly Row[]; onPick: (change: { action: "label" | "unlabel"; label_id: number }, to: string) => void }) {
  const labels = useQuery(labelsQuery);
  if (labels.data?.length === 0) return <p className="quiet">{t("act.noLabels")}</p>;
  return (
    <div className={`${styles.labels} scroll`}>
      {(labels.data ?? []).map((label, n) => {
        const all = rows.every((row) => row.label_ids?.includes(label.id));
        return <button key={label.id} type="button" autoFocus={n === 0} onClick={() => onPick({ action: all ? "unlabel" : "label", label_id: label.id }, label.name_zh)}><i style={{ background: label.color }} />{all ? t("bulk.unlabel", { name: label.name_zh }) : label.name_zh}</button>;
      })}
    </div>
  );
}

function Result({ outcome, busy, onUndo, onClose }: { outcome: Outcome; busy: boolean; onUndo: (bodies: BulkBody[]) => void; onClose: () => void }) {
  const { body, before, items, to } = outcome;
  const failed = failures(items, before);
  const back = undoing(body, before, items);
  return (
    <div className={styles.result} role="status">
      <div className={styles.line}>
        <span>{t(`bulk.done.${body.action}`, { n: items.length - failed.length, to })}</span>
        {back.length > 0 && <Button size="small" type="link" icon={<Undo2 size={14} />} loading={busy} onClick={() => onUndo(back)}>{t("common.undo")}</Button>}
        <IconButton label={t("common.close")} icon={<X />} onClick={onClose} placement="top" />
      </div>
      {failed.length > 0 && (
        <>
          <p className={styles.bad}><TriangleAlert size={13} aria-hidden /> {t("bulk.failed", { n: failed.length })}</p>
          <ul className="scroll">{failed.map((one) => <li key={one.id}><b className="clip">{tame(one.name) || t("buyer.nameless")}</b><span>{locale() === "zh" ? one.item.message : one.item.message_en}</span></li>)}</ul>
        </>
      )}
    </div>
  );
}
