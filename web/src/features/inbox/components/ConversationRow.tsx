import { memo } from "react";
import { AlarmClock, CornerUpLeft } from "lucide-react";
import { listTime } from "@/lib/format";
import { t } from "@/lib/i18n";
import { nowMs } from "@/lib/clock";
import { useStore, type Store } from "@/lib/store";
import { BuyerFace } from "@/ui/BuyerFace";
import { Pill } from "@/ui/Pill";
import { WaitBadge } from "@/ui/WaitBadge";
import { clockOf, type Row } from "@/features/inbox/rows";
import { tame } from "@/features/inbox/text";
import styles from "@/features/inbox/components/list.module.css";

interface Props {
  row: Row;
  selected: boolean;
  drafts: Store<Readonly<Record<number, string>>>;
  agentName: string;
  marked: boolean;
  onOpen: (id: number) => void;
}

/** One conversation of the list: who, what was said last, and how long there is to answer. */
export const ConversationRow = memo(function ConversationRow({ row, selected, drafts, agentName, marked, onOpen }: Props) {
  const clock = clockOf(row);
  const draft = useStore(drafts, (all) => all[row.id] ?? "");
  const name = tame(row.buyer_name_zh) || t("buyer.nameless");
  return (
    <div className={`${styles.row} ${selected ? styles.selected : ""}`} role="option" aria-selected={selected} id={`conversation-${row.id}`}
      data-burning={clock ? "" : undefined} onClick={() => onOpen(row.id)}>
      {marked && <span className={styles.bar} aria-hidden />}
      <BuyerFace name={name} channel={row.channel} />
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
            : <span className={`clip ${styles.last}`}>{row.last_role !== "buyer" && row.last_role !== "" && <CornerUpLeft size={12} aria-label={t("row.ours")} />}{tame(row.last_text)}</span>}
          {row.unread_count > 0 && <span className={`${styles.unread} num`} aria-label={t("row.unread", { n: row.unread_count })}>{Math.min(row.unread_count, 99)}</span>}
        </div>
        {agentName && <div className={styles.agent}>{agentName}</div>}
      </div>
    </div>
  );
});
