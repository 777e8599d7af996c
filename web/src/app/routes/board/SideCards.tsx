import { useQuery } from "@tanstack/react-query";
import { clockTime, duration, ms } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { useNow } from "@/lib/useNow";
import { Pill } from "@/ui/Pill";
import type { Room } from "@/features/routing/api";
import { liveSessionsQuery, ofToday } from "@/features/shop/api";
import { useNames } from "@/app/names";
import { ReserveCard } from "@/app/routes/board/ReserveCard";
import styles from "@/app/routes/board/board.module.css";

/** What waits in each group, and tonight's live sessions with their guard windows. */
export function SideCards({ room }: { room: Room }) {
  const names = useNames();
  const now = useNow();
  const sessions = useQuery(liveSessionsQuery);
  const shown = ofToday(sessions.data ?? [], now);
  return (
    <div className={styles.side}>
      <section className={styles.card}>
        <h2>{t("board.queues")}</h2>
        {room.queues.length === 0 && <p className="quiet">{t("board.noQueue")}</p>}
        <ul className={styles.queues}>
          {room.queues.map((queue) => (
            <li key={`${queue.group_id}${queue.state}`}>
              <b>{queue.group_id === 0 ? t("board.wholeShop") : (names.groups[queue.group_id] ?? `#${queue.group_id}`)}</b>
              <Pill tone={queue.state === "queued" ? "near" : "note"}>{tOr(`board.queue.${queue.state}`, queue.state, { n: queue.count })}</Pill>
              <span className="quiet num">{t("wait.waited", { time: duration((now - ms(queue.oldest_at)) / 1_000) })}</span>
              {queue.estimate && <span className="quiet">{said(queue.estimate.text_zh)}</span>}
            </li>
          ))}
        </ul>
      </section>
      <ReserveCard />
      <section className={styles.card} data-tour="live">
        <h2>{t("board.live")}</h2>
        {shown.length === 0 && <p className="quiet">{t("board.noLive")}</p>}
        <ul className={styles.queues}>
          {shown.map((session) => {
            const guarded = ms(session.guard_from) <= now && now < ms(session.guard_until);
            return (
              <li key={session.id}>
                <b className="clip">{session.title}</b>
                <Pill tone={session.state === "live" ? "breached" : "plain"}>{tOr(`board.live.${session.state}`, session.state)}</Pill>
                <span className="quiet num">{clockTime(session.actual_start_at ?? session.planned_start_at)}–{clockTime(session.actual_end_at ?? session.planned_end_at)}</span>
                <Pill tone={guarded ? "near" : "calm"}>{guarded ? t("board.guardNow", { time: clockTime(session.guard_until!) }) : t("board.guardFrom", { time: clockTime(session.guard_from!) })}</Pill>
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}
