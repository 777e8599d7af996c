import type { ReactNode } from "react";
import { ChevronLeft, Eye, PencilLine } from "lucide-react";
import { t, tOr } from "@/lib/i18n";
import { useNow } from "@/lib/useNow";
import { useStore } from "@/lib/store";
import { waitLabel, waitOf, type ReplyClock } from "@/lib/countdown";
import { IconButton } from "@/ui/IconButton";
import { Pill } from "@/ui/Pill";
import { WaitBadge } from "@/ui/WaitBadge";
import { around } from "@/features/inbox/presence";
import { clockOf, type Row } from "@/features/inbox/rows";
import { shownName } from "@/features/inbox/text";
import styles from "@/features/inbox/components/pane.module.css";

interface Props {
  row: Row;
  agentName: string;
  groupName: string;
  labels: readonly { id: number; name: string }[];
  actions: ReactNode;
  onBack: () => void;
}

/** The head of the open chat: who, from where, how long there is, who else is looking, what can be done. */
export function ChatHeader({ row, agentName, groupName, labels, actions, onBack }: Props) {
  const clock = clockOf(row);
  const name = shownName(row.buyer_name_zh, t("buyer.nameless"));
  return (
    <header className={styles.head}>
      <span className={styles.back}><IconButton label={t("common.close")} icon={<ChevronLeft />} onClick={onBack} /></span>
      <div className={styles.who}>
        <h2><span className="clip" title={name}>{name}</span>{row.status === "closed" && <Pill>{t("row.closed")}</Pill>}{labels.map((label) => <Pill key={label.id} tone="accent">{label.name}</Pill>)}</h2>
        <div className={styles.facts}>
          <span>{tOr(`channel.${row.channel}`, row.channel)}</span>
          <span>{tOr(`entry.${row.entry}`, row.entry)}</span>
          <span className="clip">{[groupName, agentName || t("row.unassigned")].filter(Boolean).join(" · ")}</span>
          <Viewers conversationId={row.id} />
        </div>
      </div>
      {clock && <span className={styles.clock}><WaitBadge clock={clock} large /><WaitedLabel clock={clock} /></span>}
      <div className={styles.acts}>{actions}</div>
    </header>
  );
}

/** The label of a long wait as agents know it: 1, 2, 3, 5, 10 minutes. */
function WaitedLabel({ clock }: { clock: ReplyClock }) {
  const minutes = waitLabel(waitOf(clock, useNow()).waitedS);
  if (minutes === null) return null;
  return <Pill tone={minutes >= 10 ? "breached" : minutes >= 2 ? "near" : "plain"}>{t("wait.label", { n: minutes })}</Pill>;
}

function Viewers({ conversationId }: { conversationId: number }) {
  const viewers = useStore(around, (state) => state.viewers[conversationId]);
  useNow((viewers?.length ?? 0) > 0);
  if (!viewers || viewers.length === 0) return null;
  const typing = viewers.filter((person) => person.typingUntil > performance.now());
  const names = (typing.length > 0 ? typing : viewers).map((person) => person.name).join("、");
  return (
    <span className={styles.viewers} role="status">
      {typing.length > 0 ? <PencilLine size={13} aria-hidden /> : <Eye size={13} aria-hidden />}
      {t(typing.length > 0 ? "viewers.typing" : "viewers.looking", { names })}
    </span>
  );
}
