import { useEffect, useRef, useState } from "react";
import { App, Button } from "antd";
import { BellRing, LifeBuoy } from "lucide-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { clockTime, duration, stopwatch } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useShortcuts } from "@/lib/keys";
import { useNow } from "@/lib/useNow";
import { Kbd } from "@/ui/Kbd";
import { answerCall, callNow, endCall, lastAt, myCallsQuery, RESERVE_KEY, timeLeft, type ReserveCall } from "@/features/routing/reserve";
import { useNames } from "@/app/names";
import { can, useSession } from "@/app/session";
import styles from "@/app/shell/reserve.module.css";

/** The call for help stands above every page, in the way of nothing, until it is answered or runs out. */
export function ReserveBar() {
  const session = useSession();
  const may = can(session, "routing.presence") && can(session, "routing.read");
  const calls = useQuery({ ...myCallsQuery, enabled: may }).data;
  const now = useNow(calls?.some((call) => call.state === "called") ?? false);
  useWhatBecame(calls);
  const call = callNow(calls ?? [], now);
  if (!call) return null;
  return call.state === "called" ? <Called key={call.id} call={call} now={now} /> : <Serving key={call.id} call={call} />;
}

/** Returns what does one thing with a call, once at a time, and says it when it could not be done. */
function useAct(): { busy: boolean; act: (what: Promise<ReserveCall>, done?: string) => void } {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const act = (what: Promise<ReserveCall>, done?: string) => {
    setBusy(true);
    const renew = () => client.invalidateQueries({ queryKey: RESERVE_KEY }).then(() => setBusy(false));
    void what.then(() => void (done && message.success(done)), (error: Error) => void message.error(t("act.failed", { reason: error.message }))).then(renew);
  };
  return { busy, act };
}

function Called({ call, now }: { call: ReserveCall; now: number }) {
  const names = useNames();
  const { busy, act } = useAct();
  const { seconds, share } = timeLeft(call, now);
  const accept = () => act(answerCall(call.id, true), t("reserve.accepted"));
  const decline = () => act(answerCall(call.id, false), t("reserve.declined"));
  useShortcuts([
    { keys: "Alt+Y", label: "reserve.accept", group: "reserve.label", typing: true, enabled: !busy, run: accept },
    { keys: "Alt+J", label: "reserve.decline", group: "reserve.label", typing: true, enabled: !busy, run: decline },
  ]);
  const facts = { n: call.waiting_count, time: duration(call.waited_s) };
  const group = names.groups[call.group_id];
  return (
    <section className={styles.called} aria-label={t("reserve.label")}>
      <BellRing aria-hidden className={styles.bell} />
      <div className={styles.words} role="alert">
        <b>{t("reserve.called")}</b>
        <span>{group ? t("reserve.whyGroup", { ...facts, group }) : t("reserve.why", facts)}</span>
      </div>
      <span className={`${styles.left} num`} role="timer">{t("reserve.left", { time: stopwatch(seconds) })}</span>
      <span className={styles.buttons}>
        <Button className={styles.accept ?? ""} loading={busy} onClick={accept} title={t("reserve.acceptHint")}>{t("reserve.accept")}<Kbd keys="Alt+Y" /></Button>
        <Button className={styles.decline ?? ""} ghost disabled={busy} onClick={decline}>{t("reserve.decline")}<Kbd keys="Alt+J" /></Button>
      </span>
      <i className={styles.burn} style={{ transform: `scaleX(${share})` }} aria-hidden />
    </section>
  );
}

function Serving({ call }: { call: ReserveCall }) {
  const names = useNames();
  const { busy, act } = useAct();
  const group = names.groups[call.group_id];
  return (
    <section className={styles.serving} aria-label={t("reserve.label")}>
      <LifeBuoy aria-hidden />
      <b>{t("reserve.serving")}</b>
      <span className={styles.hint}>{t("reserve.servingHint", { group: group ? `${group} · ` : "", time: clockTime(lastAt(call)) })}</span>
      <Button size="small" loading={busy} onClick={() => act(endCall(call.id))}>{t("reserve.end")}</Button>
    </section>
  );
}

/** Says once what became of a call that stood on the page: it ran out, or one may stand down. */
function useWhatBecame(calls: readonly ReserveCall[] | undefined): void {
  const { message } = App.useApp();
  const before = useRef<ReadonlyMap<number, string>>(new Map());
  useEffect(() => {
    if (!calls) return;
    for (const call of calls) {
      const was = before.current.get(call.id);
      if (was === "called" && call.state === "expired") void message.info(t("reserve.expired"));
      if (was === "accepted" && call.state === "ended") void message.info([t("reserve.ended"), call.ended_because && t(`reserve.because.${call.ended_because}`)].filter(Boolean).join(t("common.semicolon")), 6);
    }
    before.current = new Map(calls.map((call) => [call.id, call.state]));
  }, [calls, message]);
}
