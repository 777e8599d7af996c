import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { nowMs } from "@/lib/clock";
import { fullTime, listTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { historyQuery } from "@/features/inbox/api";
import { tame } from "@/features/inbox/text";
import styles from "@/features/inbox/components/pane.module.css";

interface Props {
  buyerId: number;
  current: number;
  agents: Readonly<Record<number, string>>;
  onOpen: (id: number) => void;
}

/** What this buyer and we have talked about before, over all channels. */
export function HistoryTab({ buyerId, current, agents, onOpen }: Props) {
  const history = useQuery(historyQuery(buyerId));
  if (history.isPending) return <LoadingRows rows={4} />;
  if (history.isError) return <ErrorState error={history.error} onRetry={() => void history.refetch()} />;
  if (history.data.every((row) => row.id === current)) return <EmptyState icon={<History />} title={t("history.none")} hint={t("history.noneHint")} />;
  return (
    <ul>
      {history.data.map((row) => (
        <li key={row.id}>
          <button type="button" className={styles.past} aria-current={row.id === current || undefined} disabled={row.id === current} onClick={() => onOpen(row.id)}>
            <header><span>{tOr(`channel.${row.channel}`, row.channel)} · {row.agent_id ? (agents[row.agent_id] ?? "") : t("row.unassigned")}</span><time className="num" title={fullTime(row.last_message_at)}>{listTime(row.last_message_at, nowMs())}</time></header>
            <span className="clip">{row.status === "open" && <Pill tone="calm">{t("row.open")}</Pill>} {tame(row.last_text)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
