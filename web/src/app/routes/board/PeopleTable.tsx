import { lazy, Suspense, useState } from "react";
import { App, Dropdown } from "antd";
import { MoreHorizontal } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import { duration, ms } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { useNow } from "@/lib/useNow";
import { roomQuery, setAgentPresence, type Presence, type Seat } from "@/features/routing/api";
import type { Today } from "@/features/sla/api";
import { Sign } from "@/app/shell/PresenceSwitch";
import styles from "@/app/routes/board/board.module.css";

const ReassignDialog = lazy(() => import("@/app/routes/board/ReassignDialog").then((found) => ({ default: found.ReassignDialog })));
const ORDER: Readonly<Record<string, number>> = { online: 0, on_break: 1, unreachable: 2, offline: 3 };

/** Everybody's state, load and day, the busy ones on top; what a supervisor can do about each. */
export function PeopleTable({ seats, today }: { seats: readonly Seat[]; today: Today | null }) {
  const sorted = seats.toSorted((a, b) => (ORDER[a.state] ?? 9) - (ORDER[b.state] ?? 9) || b.unanswered_count - a.unanswered_count || b.load - a.load);
  return (
    <div className={styles.tableBox}>
      <table className={styles.table}>
        <thead><tr><th>{t("board.person")}</th><th>{t("board.load")}</th><th>{t("board.unanswered")}</th><th>{t("board.average")}</th><th>{t("board.late")}</th><th aria-label={t("common.more")} /></tr></thead>
        <tbody>{sorted.map((seat) => <Person key={seat.user_id} seat={seat} seats={seats} day={today?.agents.find((agent) => agent.agent_id === seat.user_id)} />)}</tbody>
      </table>
    </div>
  );
}

function Person({ seat, seats, day }: { seat: Seat; seats: readonly Seat[]; day: Today["agents"][number] | undefined }) {
  const now = useNow();
  const full = seat.capacity_now > 0 ? Math.min(1, seat.load / seat.capacity_now) : 1;
  const late = day && day.average_s !== null && day.average_s > day.target_average_s;
  return (
    <tr data-state={seat.state}>
      <td>
        <span className={styles.person}><Sign presence={seat.state} /><b className="clip">{seat.name}</b></span>
        <small className="quiet">{tOr(`presence.${seat.state}`, seat.state_zh)}{seat.since_at ? ` ${duration((now - ms(seat.since_at)) / 1_000)}` : ""}</small>
      </td>
      <td><span className={styles.load} data-full={full >= 1 || undefined}><i style={{ width: `${full * 100}%` }} /></span><span className="num">{seat.load}/{seat.capacity_now}</span></td>
      <td className="num" data-tone={seat.unanswered_count > 3 ? "near" : undefined}>{seat.unanswered_count}</td>
      <td className="num" data-tone={late ? "breached" : undefined}>{day?.average_s == null ? "–" : duration(day.average_s)}</td>
      <td className="num">{day?.breached_count ?? 0}</td>
      <td><Acts seat={seat} seats={seats} /></td>
    </tr>
  );
}

function Acts({ seat, seats }: { seat: Seat; seats: readonly Seat[] }) {
  const { message } = App.useApp();
  const [handing, setHanding] = useState(false);
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: roomQuery.queryKey });
  const failed = (error: Error) => void message.error(t("act.failed", { reason: error.message }));
  const set = (presence: Presence) => void setAgentPresence(seat.user_id, presence).then(renew, failed);
  const items = [
    ...(["online", "on_break", "offline"] as const).map((name) => ({ key: name, icon: <Sign presence={name} />, label: t(`presence.${name}`), onClick: () => set(name) })),
    { type: "divider" as const },
    { key: "reassign", label: t("board.reassign"), disabled: seat.load === 0, onClick: () => setHanding(true) },
  ];
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
        <button type="button" className={styles.more} aria-label={t("board.setState", { name: seat.name })}><MoreHorizontal size={16} /></button>
      </Dropdown>
      {handing && <Suspense fallback={null}><ReassignDialog seat={seat} seats={seats} onClose={() => setHanding(false)} /></Suspense>}
    </>
  );
}
