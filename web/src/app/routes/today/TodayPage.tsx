import { useQuery } from "@tanstack/react-query";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useTopic } from "@/live/context";
import { ErrorState, LoadingRows } from "@/ui/State";
import { countsQuery } from "@/features/inbox/api";
import { roomQuery } from "@/features/routing/api";
import { todayQuery, type Figures } from "@/features/sla/api";
import { can, useSession } from "@/app/session";
import { TodayCharts } from "@/app/routes/today/TodayCharts";
import { useNames } from "@/app/names";
import styles from "@/app/routes/today/today.module.css";

/** The owner's one page, made for a thumb: can today still go wrong, how fast are we, who is there. */
export function TodayPage() {
  const session = useSession();
  useTopic(can(session, "routing.manage") ? "board" : null);
  const today = useQuery(todayQuery);
  const room = useQuery({ ...roomQuery, enabled: can(session, "routing.read") });
  const counts = useQuery(countsQuery);
  if (today.isError) return <ErrorState error={today.error} onRetry={() => void today.refetch()} />;
  if (!today.data) return <LoadingRows rows={6} />;
  const { shop, agents, lost_count } = today.data;
  const online = room.data?.items.filter((seat) => seat.state === "online").length ?? 0;
  return (
    <div className={`${styles.page} scroll`}>
      <div className={styles.column}>
        <h1>{t("today.title")} <span className="num quiet">{today.data.on_date}</span></h1>
        <Tolerance shop={shop} lost={lost_count} />
        <section className={styles.pair}>
          <Fact name={t("today.response")} seconds={shop.average_s} foot={t("today.target", { s: shop.target_average_s })} bad={shop.average_s !== null && shop.average_s > shop.target_average_s} />
          <Fact name={t("today.first")} seconds={shop.first_response_average_s} foot={shop.queue_wait_average_s === null ? "" : `${t("today.queueWait")} ${duration(shop.queue_wait_average_s)}`} />
        </section>
        <section className={styles.card}>
          <h2>{t("today.now")}</h2>
          <dl className={styles.now}>
            <div><dt>{t("box.waiting")}</dt><dd className="num">{counts.data?.["waiting"] ?? "–"}</dd></div>
            <div data-tone={(counts.data?.["overdue"] ?? 0) > 0 ? "breached" : undefined}><dt>{t("box.overdue")}</dt><dd className="num">{counts.data?.["overdue"] ?? "–"}</dd></div>
            <div><dt>{t("box.unassigned")}</dt><dd className="num">{counts.data?.["unassigned"] ?? "–"}</dd></div>
            <div><dt>{t("board.online")}</dt><dd className="num">{room.data ? `${online}/${room.data.items.length}` : "–"}</dd></div>
          </dl>
        </section>
        {can(session, "insight.read") && <TodayCharts day={today.data.on_date} target={shop.target_average_s} />}
        <Team agents={agents} />
      </div>
    </div>
  );
}

function Tolerance({ shop, lost }: { shop: Figures; lost: number }) {
  const left = shop.unanswered_left;
  const tone = shop.round_count === 0 ? "none" : left < 0 ? "breached" : left < 3 ? "near" : "good";
  return (
    <section className={styles.tolerance} data-tone={tone}>
      <span>{t("today.tolerance")}</span>
      <strong className="num">{tone === "none" ? "–" : Math.max(0, left)}</strong>
      <span>{tone === "none" ? t("today.noRounds") : left < 0 ? t("today.over", { n: -left }) : t("today.rounds")}</span>
      <small className="num">{t("today.answeredOf", { n: shop.answered_count, all: shop.round_count })} · {t("figures.breached")} {shop.breached_count}{lost > 0 ? ` · ${t("today.lost", { n: lost })}` : ""}</small>
    </section>
  );
}

function Fact({ name, seconds, foot, bad }: { name: string; seconds: number | null; foot: string; bad?: boolean }) {
  return (
    <div className={styles.card} data-tone={bad ? "breached" : undefined}>
      <h2>{name}</h2>
      {seconds === null ? <p className="quiet">{t("today.noData")}</p> : <b className={`${styles.big} num`}>{duration(seconds)}</b>}
      <small className="quiet">{foot}</small>
    </div>
  );
}

function Team({ agents }: { agents: readonly ({ agent_id: number } & Figures)[] }) {
  const names = useNames();
  if (agents.length === 0) return null;
  const slowest = Math.max(...agents.map((agent) => agent.average_s ?? 0), 1);
  return (
    <section className={styles.card}>
      <h2>{t("today.team")}</h2>
      <ul className={styles.team}>
        {agents.toSorted((a, b) => b.answered_count - a.answered_count).map((agent) => (
          <li key={agent.agent_id}>
            <b className="clip">{names.agents[agent.agent_id] ?? `#${agent.agent_id}`}</b>
            <span className={styles.bar}><i style={{ width: `${((agent.average_s ?? 0) / slowest) * 100}%` }} data-late={(agent.average_s ?? 0) > agent.target_average_s || undefined} /></span>
            <span className="num">{agent.average_s === null ? "–" : duration(agent.average_s)}</span>
            <span className="num quiet">{t("today.answeredOf", { n: agent.answered_count, all: agent.round_count })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
