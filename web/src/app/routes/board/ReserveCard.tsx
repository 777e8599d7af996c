import { App, Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { clockTime, duration, stopwatch } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { useNow } from "@/lib/useNow";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill, type Tone } from "@/ui/Pill";
import { allCallsQuery, boardCalls, endCall, lastAt, RESERVE_KEY, timeLeft, type ReserveCall } from "@/features/routing/reserve";
import { useNames, type Names } from "@/app/names";
import styles from "@/app/routes/board/board.module.css";

const TONES: Readonly<Record<string, Tone>> = { called: "near", accepted: "good", declined: "plain", expired: "note", ended: "plain" };

/** Who of the reserve is called, who came, who said no, who stood down; the supervisor can let them go. */
export function ReserveCard() {
  const calls = useQuery(allCallsQuery);
  const names = useNames();
  const now = useNow();
  const { open, past } = boardCalls(calls.data ?? [], now);
  return (
    <section className={styles.card}>
      <h2>{t("board.reserve")}</h2>
      {calls.isPending && <LoadingRows rows={1} height={32} />}
      {calls.isError && <ErrorState error={calls.error} onRetry={() => void calls.refetch()} />}
      {calls.isSuccess && open.length + past.length === 0 && <p className="quiet">{t("board.noReserve")}</p>}
      {open.length > 0 && <ul className={styles.queues}>{open.map((call) => <OpenCall key={call.id} call={call} names={names} now={now} />)}</ul>}
      {past.length > 0 && (
        <>
          <h3 className={styles.past}>{t("board.reservePast")}</h3>
          <ul className={styles.queues}>{past.map((call) => <li key={call.id}><b>{nameOf(names, call.user_id)}</b><State call={call} /><span className="quiet num">{clockTime(lastAt(call))}</span>{call.ended_because && <span className="quiet">{t(`reserve.because.${call.ended_because}`)}</span>}</li>)}</ul>
        </>
      )}
    </section>
  );
}

const nameOf = (names: Names, userId: number) => names.agents[userId] ?? `#${userId}`;

function State({ call }: { call: ReserveCall }) {
  return <Pill tone={TONES[call.state] ?? "plain"}>{tOr(`reserve.state.${call.state}`, call.state_zh)}</Pill>;
}

function OpenCall({ call, names, now }: { call: ReserveCall; names: Names; now: number }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const end = () => void endCall(call.id).then(() => client.invalidateQueries({ queryKey: RESERVE_KEY }), (error: Error) => message.error(t("act.failed", { reason: error.message })));
  const name = nameOf(names, call.user_id);
  const against = Object.entries(call.against).map(([id, why]) => `${nameOf(names, Number(id))} (${tOr(`reserve.against.${why}`, why)})`).join(", ");
  return (
    <li>
      <b>{name}</b><State call={call} />
      <span className="quiet num">{call.state === "called" ? t("board.reserveLeft", { time: stopwatch(timeLeft(call, now).seconds) }) : clockTime(lastAt(call))}</span>
      <Button size="small" className={styles.letGo ?? ""} onClick={end} aria-label={t("board.reserveEndOf", { name })}>{t("board.reserveEnd")}</Button>
      <span className="quiet">{t("board.reserveFor", { group: names.groups[call.group_id] ?? `#${call.group_id}`, n: call.waiting_count, time: duration(call.waited_s) })}</span>
      {against && <small className="quiet">{t("board.reserveAgainst", { names: against })}</small>}
    </li>
  );
}
