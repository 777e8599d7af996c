import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { GitBranch } from "lucide-react";
import { fullTime } from "@/lib/format";
import { said, t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { routingOf, type Decision } from "@/features/routing/api";
import styles from "@/features/routing/components/routing.module.css";

interface Props {
  conversationId: number;
  agents: Readonly<Record<number, string>>;
  groups: Readonly<Record<number, string>>;
}

/** Why a chat went where it went: every decision, newest first, with those who did not get it. */
export function WhyTab({ conversationId, agents, groups }: Props) {
  const routing = useQuery(routingOf(conversationId));
  if (routing.isPending) return <LoadingRows rows={3} height={64} />;
  if (routing.isError) return (routing.error as { status?: number }).status === 404 ? <EmptyState icon={<GitBranch />} title={t("why.none")} hint={t("why.noneHint")} /> : <ErrorState error={routing.error} onRetry={() => void routing.refetch()} />;
  if (routing.data.items.length === 0) return <EmptyState icon={<GitBranch />} title={t("why.none")} hint={t("why.noneHint")} />;
  return (
    <div className={styles.why}>
      {routing.data.place && <p className={styles.place}>{said(routing.data.place.text_zh)}</p>}
      <ol>{routing.data.items.map((decision, n) => <One key={decision.id} decision={decision} agents={agents} groups={groups} first={n === 0} />)}</ol>
    </div>
  );
}

function One({ decision, agents, groups, first }: { decision: Decision; agents: Props["agents"]; groups: Props["groups"]; first: boolean }) {
  const [open, setOpen] = useState(first);
  const name = decision.agent_id === null ? null : (agents[decision.agent_id] ?? `#${decision.agent_id}`);
  return (
    <li className={styles.decision}>
      <header><b>{name ? t("why.chosen", { name }) : t("why.queued")}</b><time className="num quiet">{fullTime(decision.at)}</time></header>
      <p>{said(decision.explanation_zh)}</p>
      {decision.note && <blockquote>{decision.note}</blockquote>}
      <p className="quiet">{groups[decision.group_id]}{decision.waited_s === null ? "" : ` · ${t("wait.waited", { time: `${Math.round(decision.waited_s)}s` })}`}</p>
      {decision.candidates.length > 0 && <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>{t("why.candidates")} {decision.candidates.length}</button>}
      {open && (
        <ul className={styles.people}>
          {decision.candidates.map((one) => (
            <li key={one.user_id} data-chosen={one.user_id === decision.agent_id || undefined}>
              <b>{agents[one.user_id] ?? `#${one.user_id}`}</b><span className="num quiet">{one.load}/{one.capacity}</span><span>{said(one.explanation_zh)}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
