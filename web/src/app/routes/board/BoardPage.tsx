import { useMemo } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { duration, ms } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useNow } from "@/lib/useNow";
import { useTopic } from "@/live/context";
import { BurnLine } from "@/ui/BurnLine";
import { ErrorState, LoadingRows } from "@/ui/State";
import { listQuery } from "@/features/inbox/api";
import { clockOf, type Row } from "@/features/inbox/rows";
import { roomQuery, type Room } from "@/features/routing/api";
import { todayQuery } from "@/features/sla/api";
import { BurningList } from "@/app/routes/board/BurningList";
import { PeopleTable } from "@/app/routes/board/PeopleTable";
import { TourInvite } from "@/app/tour/TourInvite";
import { SideCards } from "@/app/routes/board/SideCards";
import styles from "@/app/routes/board/board.module.css";

/** The supervisor's one page: who waits, who works, what is about to burn, what can still go wrong today. */
export function BoardPage() {
  useTopic("board");
  const go = useNavigate();
  const room = useQuery(roomQuery);
  const today = useQuery(todayQuery);
  const waiting = useInfiniteQuery(listQuery({ box: "waiting" }));
  const rows = useMemo(() => waiting.data?.pages.flatMap((page) => page.items) ?? [], [waiting.data]);
  const burning = useMemo(() => rows.flatMap((row) => { const clock = clockOf(row); return clock ? [{ id: row.id, name: row.buyer_name_zh, clock }] : []; }), [rows]);
  const open = (id: number) => void go({ to: "/desk/$conversationId", params: { conversationId: id }, search: { box: "open" } });
  if (room.isError) return <ErrorState error={room.error} onRetry={() => void room.refetch()} />;
  if (!room.data) return <LoadingRows rows={8} />;
  return (
    <div className={`${styles.board} scroll`}>
      <h1 className="sr">{t("board.title")}</h1>
      <TourInvite name="supervisor" />
      {!room.data.is_open && <p className={styles.closed} role="alert">{t("board.closed")}</p>}
      <Figures rows={rows} more={waiting.hasNextPage} room={room.data} left={today.data && today.data.shop.round_count > 0 ? today.data.shop.unanswered_left : null} average={today.data?.shop.average_s ?? null} target={today.data?.shop.target_average_s ?? null} />
      <div className={styles.line}><BurnLine items={burning} onPick={open} /></div>
      <div className={styles.columns}>
        <section className={styles.card} data-tour="people">
          <h2>{t("board.people")}</h2>
          <PeopleTable seats={room.data.items} today={today.data ?? null} />
        </section>
        <section className={styles.card} data-tour="burning">
          <h2>{t("board.burning")}</h2>
          <BurningList rows={rows} seats={room.data.items} onOpen={open} />
        </section>
        <SideCards room={room.data} />
      </div>
    </div>
  );
}

interface FiguresProps {
  rows: readonly Row[];
  more: boolean;
  room: Room;
  left: number | null;
  average: number | null;
  target: number | null;
}

function Figures({ rows, more, room, left, average, target }: FiguresProps) {
  const now = useNow();
  const overdue = rows.filter((row) => row.due_at && ms(row.due_at) <= now).length;
  const since = Math.min(...rows.map((row) => ms(row.waiting_since)));
  const online = room.items.filter((seat) => seat.state === "online");
  const free = online.reduce((sum, seat) => sum + Math.max(0, seat.capacity_now - seat.load), 0);
  const queued = room.queues.filter((queue) => queue.group_id !== 0).reduce((sum, queue) => sum + queue.count, 0) || room.queues.reduce((most, queue) => Math.max(most, queue.count), 0);
  return (
    <dl className={styles.figures} data-tour="figures">
      <Figure name={t("board.waiting")} value={`${rows.length}${more ? "+" : ""}`} />
      <Figure name={t("board.longest")} value={Number.isFinite(since) ? duration((now - since) / 1_000) : "–"} tone={Number.isFinite(since) && now - since > 120_000 ? "near" : undefined} />
      <Figure name={t("board.overdue")} value={String(overdue)} tone={overdue > 0 ? "breached" : undefined} />
      <Figure name={t("board.queued")} value={String(queued)} tone={queued > 0 ? "near" : undefined} />
      <Figure name={t("board.online")} value={`${online.length}/${room.items.length}`} foot={t("board.free", { n: free })} tone={free === 0 ? "near" : undefined} />
      <Figure name={t("figures.average")} value={average === null ? "–" : duration(average)} foot={target === null ? "" : t("today.target", { s: target })} tone={average !== null && target !== null && average > target ? "breached" : undefined} />
      <Figure name={t("figures.left")} value={left === null ? "–" : String(left)} foot={t("today.rounds")} tone={left !== null && left < 0 ? "breached" : left !== null && left < 3 ? "near" : undefined} />
    </dl>
  );
}

function Figure({ name, value, foot, tone }: { name: string; value: string; foot?: string; tone?: "near" | "breached" | undefined }) {
  return <div className={styles.figure} data-tone={tone}><dt>{name}</dt><dd className={`${styles.value} num`}>{value}</dd>{foot && <dd className={styles.foot}>{foot}</dd>}</div>;
}
