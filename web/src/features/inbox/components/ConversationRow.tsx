import { memo, type MouseEvent } from "react";
import { AlarmClock, Check, CornerUpLeft } from "lucide-react";
import { listTime } from "@/lib/format";
import { t } from "@/lib/i18n";
import { saidLabel } from "@/lib/i18n/said";
import { nowMs } from "@/lib/clock";
import { useStore, type Store } from "@/lib/store";
import { BuyerFace } from "@/ui/BuyerFace";
import { Pill } from "@/ui/Pill";
import { WaitBadge } from "@/ui/WaitBadge";
import { clockOf, type Row } from "@/features/inbox/rows";
import { shownName, tame } from "@/features/inbox/text";
import styles from "@/features/inbox/components/list.module.css";

interface Props {
  row: Row;
  selected: boolean;
  drafts: Store<Readonly<Record<number, string>>>;
  agentName: string;
  /** Whether the chat is chosen for an action on many; null where nobody may choose. */
  marked: boolean | null;
  /** Whether the arrow keys stand on it. */
  pointed: boolean;
  onOpen: (id: number) => void;
  onMark?: ((id: number, range: boolean) => void) | undefined;
}

/** One conversation of the list: who, what was said last, and how long there is to answer. */
export const ConversationRow = memo(function ConversationRow({ row, selected, drafts, agentName, marked, pointed, onOpen, onMark }: Props) {
  const clock = clockOf(row);
  const draft = useStore(drafts, (all) => all[row.id] ?? "");
  const name = shownName(row.buyer_name_zh, t("buyer.nameless"));
  const click = (event: MouseEvent) => {
    if (onMark && (event.ctrlKey || event.metaKey || event.shiftKey)) onMark(row.id, event.shiftKey);
    else onOpen(row.id);
  };
  return (
    <div className={`${styles.row} ${selected ? styles.selected : ""}`} role="option" aria-selected={selected} id={`conversation-${row.id}`}
      aria-checked={marked ?? undefined} data-burning={clock ? "" : undefined} data-pointed={pointed || undefined} onClick={click}>
      {onMark
        ? <span className={styles.markable} data-on={marked || undefined}><BuyerFace name={name} channel={row.channel} /><span className={styles.mark} aria-hidden title={t("bulk.mark", { name })} onClick={(event) => { event.stopPropagation(); onMark(row.id, event.shiftKey); }}><Check size={16} /></span></span>
        : <BuyerFace name={name} channel={row.channel} />}
      <div className={styles.lines}>
        <div className={styles.top}>
          <b className="clip" title={name}>{name}</b>
          {row.priority > 0 && <Pill tone="near">{t("row.priority")}</Pill>}
          <span className={styles.when}>
            {clock ? <WaitBadge clock={clock} /> : <time className="num">{listTime(row.last_message_at, nowMs())}</time>}
          </span>
        </div>
        <div className={styles.bottom}>
          {row.snoozed_until && <AlarmClock size={13} aria-label={t("row.snoozed")} />}
          {draft ? <span className="clip"><i className={styles.draft}>{t("row.draft")}</i>{draft}</span>
            : <span className={`clip ${styles.last}`}>{row.last_role !== "buyer" && row.last_role !== "" && <CornerUpLeft size={12} aria-label={t("row.ours")} />}{tame(saidLabel(row.last_text))}</span>}
          {row.unread_count > 0 && <span className={`${styles.unread} num`} aria-label={t("row.unread", { n: row.unread_count })}>{Math.min(row.unread_count, 99)}</span>}
        </div>
        {agentName && <div className={styles.agent}>{agentName}</div>}
      </div>
    </div>
  );
});
