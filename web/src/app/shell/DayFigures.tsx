import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { todayQuery } from "@/features/sla/api";
import { can, useSession } from "@/app/session";
import styles from "@/app/shell/shell.module.css";

/** The figures an agent knows from the platform's desk: average response, rounds, and how many may still go wrong. */
export function DayFigures() {
  const session = useSession();
  const today = useQuery({ ...todayQuery, enabled: can(session, "sla.read") });
  const { pathname } = useLocation();
  if (!today.data || !pathname.startsWith("/desk")) return null;
  const { shop, agents } = today.data;
  const own = agents.find((agent) => agent.agent_id === session.user_id);
  const shown = session.role === "agent" && own ? own : shop;
  const late = shown.average_s !== null && shown.average_s > shown.target_average_s;
  return (
    <div className={styles.figures}>
      <Figure name={t(own && shown === own ? "figures.myAverage" : "figures.average")} value={shown.average_s === null ? "–" : duration(shown.average_s)} tone={late ? "breached" : undefined} hint={t("figures.averageHint", { s: shown.target_average_s })} />
      <Figure name={t("figures.answered")} value={String(shown.answered_count)} />
      <Figure name={t("figures.breached")} value={String(shown.breached_count)} tone={shown.breached_count > 0 ? "near" : undefined} />
      <Figure name={t("figures.left")} value={shop.round_count === 0 ? "–" : String(shop.unanswered_left)} tone={shop.round_count === 0 ? undefined : shop.unanswered_left < 0 ? "breached" : shop.unanswered_left < 3 ? "near" : undefined} hint={t("figures.leftHint", { s: shop.penalty_s })} />
    </div>
  );
}

function Figure({ name, value, tone, hint }: { name: string; value: string; tone?: string | undefined; hint?: string }) {
  return <span className={styles.figure} data-tone={tone} title={hint}>{name}<b className="num">{value}</b></span>;
}
