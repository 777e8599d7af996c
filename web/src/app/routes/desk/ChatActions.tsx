import { useState } from "react";
import { App, Input, Popover } from "antd";
import { AlarmClock, ArrowRightLeft, CircleCheckBig, Hand, PanelRight, Printer, RotateCcw, Tags } from "lucide-react";
import { withShop } from "@/api/client";
import { nowMs } from "@/lib/clock";
import { t, type TextKey } from "@/lib/i18n";
import { useShortcuts } from "@/lib/keys";
import { prefer, preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { IconButton } from "@/ui/IconButton";
import { closeConversation, reopenConversation, snooze, wake } from "@/features/inbox/api";
import type { Row } from "@/features/inbox/rows";
import { LabelMenu } from "@/features/inbox/components/LabelMenu";
import { claim, takeOver, transfer, type TransferTo } from "@/features/routing/api";
import { Sign } from "@/app/shell/PresenceSwitch";
import { can, useSession } from "@/app/session";
import { useNames, useSeats } from "@/app/names";
import styles from "@/app/routes/desk/desk.module.css";

const SNOOZES = [600, 3_600, 10_800] as const;

/** Returns tomorrow at nine in the shop's time. Units: milliseconds since 1970. */
export function tomorrowAtNine(now: number): number {
  const DAY = 86_400_000;
  const SHIFT = 8 * 3_600_000;
  return Math.floor((now + SHIFT) / DAY) * DAY + DAY + 9 * 3_600_000 - SHIFT;
}

/** What can be done with a chat: hand over, later, labels, close; take it where it is not one's own. */
export function ChatActions({ row, onDone }: { row: Row; onDone: () => void }) {
  const session = useSession();
  const { message } = App.useApp();
  const [open, setOpen] = useState<"transfer" | "snooze" | "label" | null>(null);
  const panel = useStore(preferences, (p) => p.rightPanel);
  const isOpen = row.status === "open";
  const mine = row.agent_id === session.user_id;
  const mayAssign = can(session, "inbox.assign") && isOpen;

  const run = (work: Promise<unknown>, done?: TextKey, next = false) => {
    setOpen(null);
    work.then(
      () => { if (done) void message.success(t(done)); if (next) onDone(); },
      (error: Error) => void message.error(t("act.failed", { reason: error.message })),
    );
  };
  const close = () => run(closeConversation(row.id), "act.closed", true);
  const toggle = (what: typeof open) => () => setOpen((old) => (old === what ? null : what));
  useShortcuts([
    { keys: "Alt+T", label: "keys.transfer", group: "keys.act", typing: true, enabled: mayAssign, run: toggle("transfer") },
    { keys: "Alt+S", label: "keys.snooze", group: "keys.act", typing: true, enabled: isOpen, run: toggle("snooze") },
    { keys: "Alt+L", label: "keys.label", group: "keys.act", typing: true, run: toggle("label") },
    { keys: "Alt+W", label: "keys.close", group: "keys.act", typing: true, enabled: isOpen && can(session, "inbox.reply"), run: close },
  ]);
  const popover = (what: NonNullable<typeof open>, content: React.ReactNode, button: React.ReactNode) => (
    <Popover open={open === what} onOpenChange={(on) => setOpen(on ? what : null)} trigger="click" placement="bottomRight" content={content} destroyOnHidden><span>{button}</span></Popover>
  );
  return (
    <>
      {isOpen && !mine && can(session, "inbox.reply") && (
        <IconButton label={t("act.take")} icon={<Hand />} onClick={() => run(row.agent_id === null || !can(session, "routing.manage") ? claim(row.id) : takeOver(row.id, ""))} />
      )}
      {mayAssign && popover("transfer", <TransferMenu row={row} onPick={(to) => run(transfer(row.id, to), undefined, true)} />, <IconButton label={t("act.transfer")} keys="Alt+T" icon={<ArrowRightLeft />} />)}
      {isOpen && popover("snooze",
        <div className={styles.menu}>
          {row.snoozed_until && <button type="button" autoFocus onClick={() => run(wake(row.id))}>{t("act.wake")}</button>}
          {SNOOZES.map((s) => <button key={s} type="button" onClick={() => run(snooze(row.id, nowMs() + s * 1_000), undefined, true)}>{t(`act.snoozeFor.${s}`)}</button>)}
          <button type="button" onClick={() => run(snooze(row.id, tomorrowAtNine(nowMs())), undefined, true)}>{t("act.snoozeFor.tomorrow")}</button>
        </div>,
        <IconButton label={t("act.snooze")} keys="Alt+S" icon={<AlarmClock />} active={!!row.snoozed_until} />)}
      <span className={styles.wideOnly}>{popover("label", <LabelMenu row={row} />, <IconButton label={t("act.label")} keys="Alt+L" icon={<Tags />} />)}</span>
      {isOpen
        ? can(session, "inbox.reply") && <IconButton label={t("act.close")} keys="Alt+W" icon={<CircleCheckBig />} onClick={close} />
        : can(session, "inbox.reply") && <IconButton label={t("act.reopen")} icon={<RotateCcw />} onClick={() => run(reopenConversation(row.id))} />}
      {can(session, "inbox.transcript") && <span className={styles.wideOnly}><IconButton label={t("act.transcript")} icon={<Printer />} onClick={() => globalThis.open(withShop(`/api/conversations/${row.id}/transcript.html`), "_blank", "noopener")} /></span>}
      <span className={styles.wideOnly}><IconButton label={t("keys.panel")} keys="Alt+B" icon={<PanelRight />} active={panel} onClick={() => prefer({ rightPanel: !panel })} /></span>
    </>
  );
}

function TransferMenu({ row, onPick }: { row: Row; onPick: (to: TransferTo) => void }) {
  const session = useSession();
  const names = useNames();
  const seats = useSeats();
  const [note, setNote] = useState("");
  const people = seats.filter((seat) => seat.user_id !== row.agent_id && seat.user_id !== session.user_id && seat.state !== "offline" && seat.state !== "unreachable")
    .toSorted((a, b) => Number(a.state !== "online") - Number(b.state !== "online") || a.load - b.load);
  return (
    <div className={`${styles.menu} scroll`}>
      <div className={styles.reason}><Input value={note} onChange={(event) => setNote(event.target.value)} placeholder={t("act.transferReason")} maxLength={500} autoFocus /></div>
      <h4>{t("act.transferTo")}</h4>
      {people.map((seat) => (
        <button key={seat.user_id} type="button" onClick={() => onPick({ to_user_id: seat.user_id, note })}>
          <Sign presence={seat.state} /><span className="clip">{seat.name}</span><span className="num">{t("act.room", { n: seat.load, max: seat.max_concurrency })}</span>
        </button>
      ))}
      {people.length === 0 && <p className="quiet" style={{ padding: "4px 8px" }}>{t("act.nobody")}</p>}
      <h4>{t("act.transferGroup")}</h4>
      {Object.entries(names.groups).map(([id, name]) => <button key={id} type="button" disabled={Number(id) === row.group_id && row.agent_id === null} onClick={() => onPick({ to_group_id: Number(id), note })}><span>{name}</span></button>)}
    </div>
  );
}
