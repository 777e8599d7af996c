import { useQuery } from "@tanstack/react-query";
import { dayKey, fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Facts } from "@/ui/Sheet";
import { talkQuery } from "@/features/insight/api";
import { shown } from "@/features/insight/model";
import styles from "@/features/insight/insight.module.css";

/** One conversation behind a figure: what was said, or where at the desk it is. */
export function TalkView({ session }: { session: string }) {
  const talk = useQuery(talkQuery(session));
  if (talk.isPending) return <LoadingRows rows={6} height={40} />;
  if (talk.isError) return <ErrorState error={talk.error} onRetry={() => void talk.refetch()} />;
  const { data } = talk;
  return (
    <>
      <Facts items={[[t("insight.agent"), data.agent || t("insight.nobody")], [t("insight.began"), fullTime(data.started_at)], [t("insight.about"), said(data.intent_zh)], [t("insight.rounds"), t("insight.roundsMissed", { n: data.turns, missed: data.missed })], [t("insight.average"), shown(data.average_s, "s")], ...(data.rating === null ? [] : [[t("insight.rating"), "★".repeat(data.rating)] as const])]} />
      {data.conversation_id !== null && <p style={{ margin: "14px 0" }}><a href={`/desk/${data.conversation_id}`}>{t("insight.openAtDesk")}</a></p>}
      {data.conversation_id === null && data.lines.length === 0 && <EmptyState title={t("insight.noLines")} />}
      <ol className={styles.talk}>
        {data.lines.map((line, n) => (
          <li key={`${line.at}-${n}`} data-role={line.role}>
            <small className="quiet num">{tOr(`speaker.${line.role}`, line.role)}{line.sender && line.role === "agent" ? ` ${line.sender}` : ""} · {fullTime(line.at)}{dayKey(line.at) !== dayKey(data.started_at) ? " ⁺" : ""}</small>
            <p>{line.text}</p>
          </li>
        ))}
      </ol>
    </>
  );
}
