import { App, Popover } from "antd";
import { AlarmClock, ArrowRightLeft, CircleCheckBig, Hand, PanelRight, Printer, RotateCcw, Star, Tags } from "lucide-react";
import { withShop } from "@/api/client";
import { t, type TextKey } from "@/lib/i18n";
import { useShortcuts } from "@/lib/keys";
import { prefer, preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { usePopup } from "@/ui/usePopup";
import { IconButton } from "@/ui/IconButton";
import { closeConversation, reopenConversation, snooze, wake } from "@/features/inbox/api";
import type { Row } from "@/features/inbox/rows";
import { LabelMenu } from "@/features/inbox/components/LabelMenu";
import { claim, takeOver, transfer } from "@/features/routing/api";
import { SnoozeMenu } from "@/app/routes/desk/SnoozeMenu";
import { RatingAsk } from "@/app/routes/desk/RatingAsk";
import { TransferMenu } from "@/app/routes/desk/TransferMenu";
import { can, useSession } from "@/app/session";
import styles from "@/app/routes/desk/desk.module.css";

/** What can be done with a chat: hand over, later, labels, close; take it where it is not one's own. */
export function ChatActions({ row, onDone }: { row: Row; onDone: () => void }) {
  const session = useSession();
  const { message } = App.useApp();
  const { open, toggle, close: shut } = usePopup<"transfer" | "snooze" | "label" | "rating">();
  const panel = useStore(preferences, (p) => p.rightPanel);
  const isOpen = row.status === "open";
  const mine = row.agent_id === session.user_id;
  const mayAssign = can(session, "inbox.assign") && isOpen;

  const run = (work: Promise<unknown>, done?: TextKey, next = false) => {
    shut();
    work.then(
      () => { if (done) void message.success(t(done)); if (next) onDone(); },
      (error: Error) => void message.error(t("act.failed", { reason: error.message })),
    );
  };
  const close = () => run(closeConversation(row.id), "act.closed", true);
  useShortcuts([
    { keys: "Alt+T", label: "keys.transfer", group: "keys.act", typing: true, enabled: mayAssign, run: () => toggle("transfer") },
    { keys: "Alt+S", label: "keys.snooze", group: "keys.act", typing: true, enabled: isOpen, run: () => toggle("snooze") },
    { keys: "Alt+L", label: "keys.label", group: "keys.act", typing: true, run: () => toggle("label") },
    { keys: "Alt+R", label: "act.rating", group: "keys.act", typing: true, enabled: isOpen && can(session, "inbox.reply"), run: () => toggle("rating") },
    { keys: "Alt+W", label: "keys.close", group: "keys.act", typing: true, enabled: isOpen && can(session, "inbox.reply"), run: close },
  ]);
  const popover = (what: NonNullable<typeof open>, content: React.ReactNode, button: React.ReactNode) => (
    <>
      <span onClick={() => toggle(what)}>{button}</span>
      {open === what && <Popover open onOpenChange={(on) => { if (!on) shut(); }} trigger="click" placement="bottomRight" arrow={false} content={content}><i className={styles.spot} /></Popover>}
    </>
  );
  return (
    <>
      {isOpen && !mine && can(session, "inbox.reply") && (
        <IconButton label={t("act.take")} icon={<Hand />} onClick={() => run(row.agent_id === null || !can(session, "routing.manage") ? claim(row.id) : takeOver(row.id, ""))} />
      )}
      {mayAssign && popover("transfer", <TransferMenu without={row.agent_id} groupNow={row.agent_id === null ? row.group_id : null} onPick={(to) => run(transfer(row.id, to), undefined, true)} />, <IconButton label={t("act.transfer")} keys="Alt+T" icon={<ArrowRightLeft />} />)}
      {isOpen && popover("snooze",
        <SnoozeMenu onPick={(until) => run(snooze(row.id, until), undefined, true)} onWake={row.snoozed_until ? () => run(wake(row.id)) : null} />,
        <IconButton label={t("act.snooze")} keys="Alt+S" icon={<AlarmClock />} active={!!row.snoozed_until} />)}
      <span className={styles.wideOnly}>{popover("label", <LabelMenu row={row} />, <IconButton label={t("act.label")} keys="Alt+L" icon={<Tags />} />)}</span>
      {isOpen && can(session, "inbox.reply") && popover("rating", <RatingAsk row={row} onDone={shut} />, <IconButton label={t("act.rating")} keys="Alt+R" icon={<Star />} />)}
      {isOpen
        ? can(session, "inbox.reply") && <IconButton label={t("act.close")} keys="Alt+W" icon={<CircleCheckBig />} onClick={close} />
        : can(session, "inbox.reply") && <IconButton label={t("act.reopen")} icon={<RotateCcw />} onClick={() => run(reopenConversation(row.id))} />}
      {can(session, "inbox.transcript") && <span className={styles.wideOnly}><IconButton label={t("act.transcript")} icon={<Printer />} onClick={() => globalThis.open(withShop(`/api/conversations/${row.id}/transcript.html`), "_blank", "noopener")} /></span>}
      <span className={styles.wideOnly}><IconButton label={t("keys.panel")} keys="Alt+B" icon={<PanelRight />} active={panel} onClick={() => prefer({ rightPanel: !panel })} /></span>
    </>
  );
}
