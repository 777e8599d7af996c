import { memo } from "react";
import { Dropdown } from "antd";
import { Bot, CheckCheck, CircleHelp, Clock3, Copy, MoreHorizontal, Pencil, RotateCw, StickyNote, TriangleAlert, Undo2 } from "lucide-react";
import { clockTime, fullTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { usePopup } from "@/ui/usePopup";
import { BuyerFace } from "@/ui/BuyerFace";
import { copyText, hasProblem } from "@/features/inbox/parts";
import { isMasked } from "@/features/inbox/reveals";
import { InClear } from "@/features/inbox/components/InClear";
import { tame } from "@/features/inbox/text";
import type { Message } from "@/features/inbox/model";
import { PartView } from "@/features/inbox/components/PartView";
import styles from "@/features/inbox/components/messages.module.css";

export interface MessageActions {
  /** Oneself, so that what colleagues say to one stands out. */
  me?: number;
  recall?: (message: Message) => void;
  resend?: (message: Message) => void;
  settle?: (message: Message, delivered: boolean) => void;
  refetch?: (message: Message) => void;
  /** Shows a masked number in clear; left out for those who may not. */
  reveal?: ((message: Message) => void) | undefined;
}

interface Props {
  message: Message;
  head: boolean;
  channel: string;
  actions: MessageActions;
  /** Whether the buyer has read so far. */
  read: boolean;
}

/** One line: a bubble on its author's side, a note across, or a system line in the middle. */
export const MessageLine = memo(function MessageLine({ message, head, channel, actions, read }: Props) {
  if (message.side === "system" && message.kind === "rating") return <Rated message={message} />;
  if (message.side === "system") return <div className={styles.system}><span>{message.text}</span></div>;
  if (message.recalled) {
    return <div className={styles.system}><span>{t("message.recalled", { who: message.author })}</span></div>;
  }
  if (message.side === "note") return <Note message={message} toMe={actions.me !== undefined && !!message.mentions?.includes(actions.me)} />;
  const ours = message.side !== "buyer";
  const bare = message.parts.length > 0 && message.parts.every((part) => part.type !== "text" && part.type !== "quote");
  return (
    <div className={`${styles.line} ${ours ? styles.ours : styles.theirs} ${head ? styles.headed : ""}`} data-state={message.state} data-side={message.side}>
      <span className={styles.face}>{head && !ours && <BuyerFace name={message.author} channel={channel} size={30} />}</span>
      <div className={styles.body}>
        {head && (
          <header className={styles.head}>
            {message.side === "bot" && <Bot size={12} aria-hidden />}
            <b className="clip">{message.side === "bot" ? t("message.robot") : message.author}</b>
            <time className="num" dateTime={new Date(message.at).toISOString()} title={fullTime(message.at)}>{clockTime(message.at)}</time>
          </header>
        )}
        <div className={styles.row}>
          <div className={`${styles.bubble} ${bare ? styles.bare : ""} ${message.side === "bot" ? styles.robot : ""}`}>
            {message.parts.map((part, n) => <PartView key={n} part={part} />)}
            {!ours && actions.reveal && message.id !== null && isMasked(message.text) && <InClear messageId={message.id} onAsk={() => actions.reveal?.(message)} />}
            {message.edited && <small className={styles.edited}><Pencil size={10} aria-hidden /> {t("message.edited")}</small>}
          </div>
          {ours && isThere(message) && <CheckCheck className={styles.tick} size={14} data-read={read || undefined} aria-label={t(read ? "message.state.read" : "message.state.delivered")} />}
          <Menu message={message} ours={ours} actions={actions} />
        </div>
        {ours && !isThere(message) && <Outcome message={message} actions={actions} />}
      </div>
    </div>
  );
});

function Rated({ message }: { message: Message }) {
  const given = message.parts[0];
  if (given?.type !== "rating") return null;
  return (
    <div className={styles.rated}>
      <header>{message.text} <time className="num">{clockTime(message.at)}</time></header>
      <PartView part={given} />
      {given.tags && given.tags.length > 0 && <p>{given.tags.map((tag) => <i key={tag}>{tame(tag)}</i>)}</p>}
    </div>
  );
}

function Note({ message, toMe }: { message: Message; toMe: boolean }) {
  return (
    <div className={styles.note} data-to-me={toMe || undefined}>
      <StickyNote size={14} aria-hidden />
      <div>
        <header><b>{message.author}</b> {t(toMe ? "message.whisper" : "message.note")} <time className="num">{clockTime(message.at)}</time></header>
        <p>{message.text}</p>
      </div>
    </div>
  );
}

const isThere = (message: Message) => message.state === "delivered" || message.state === "received";

function Outcome({ message, actions }: { message: Message; actions: MessageActions }) {
  if (message.state === "refused") {
    return (
      <span className={`${styles.outcome} ${styles.bad}`} role="alert">
        <TriangleAlert size={13} aria-hidden /> {t("message.state.refused")} {tOr(`refusal.${message.reason}`, message.reason)}
        {actions.resend && <button type="button" onClick={() => actions.resend?.(message)}><RotateCw size={12} /> {t("message.editResend")}</button>}
      </span>
    );
  }
  if (message.state === "unknown") {
    return (
      <span className={`${styles.outcome} ${styles.unsure}`} role="status">
        <CircleHelp size={13} aria-hidden /> {t("message.state.unknown")}
        {actions.settle && <><button type="button" onClick={() => actions.settle?.(message, true)}>{t("message.arrived")}</button><button type="button" onClick={() => actions.settle?.(message, false)}>{t("message.notArrived")}</button></>}
      </span>
    );
  }
  return <span className={styles.outcome}><Clock3 size={12} aria-hidden /> {t(message.state === "queued" ? "message.state.queued" : "message.state.sending")}</span>;
}

function Menu({ message, ours, actions }: { message: Message; ours: boolean; actions: MessageActions }) {
  const { open, toggle, close } = usePopup<"menu">();
  const recallable = ours && message.id !== null && message.state === "delivered" && actions.recall;
  const items = [
    { key: "copy", label: t("message.copy"), icon: <Copy size={14} />, onClick: () => void navigator.clipboard?.writeText(copyText(message.parts) || message.text) },
    ...(recallable ? [{ key: "recall", label: t("message.recall"), icon: <Undo2 size={14} />, onClick: () => actions.recall?.(message) }] : []),
    ...(actions.refetch && message.id !== null && hasProblem(message.parts) ? [{ key: "refetch", label: t("message.refetch"), icon: <RotateCw size={14} />, onClick: () => actions.refetch?.(message) }] : []),
  ];
  return (
    <>
      <button type="button" className={styles.menu} aria-label={t("message.menu")} aria-haspopup="menu" aria-expanded={open !== null} onClick={() => toggle("menu")}><MoreHorizontal size={15} /></button>
      {open && <Dropdown open autoFocus menu={{ items, onClick: close }} onOpenChange={(on) => { if (!on) close(); }} trigger={["click"]} placement={ours ? "bottomRight" : "bottomLeft"}><i className={styles.spot} /></Dropdown>}
    </>
  );
}
