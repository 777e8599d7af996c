import { useState } from "react";
import { Input } from "antd";
import { t } from "@/lib/i18n";
import type { TransferTo } from "@/features/routing/api";
import { Sign } from "@/app/shell/PresenceSwitch";
import { useNames, useSeats } from "@/app/names";
import { useSession } from "@/app/session";
import styles from "@/app/routes/desk/desk.module.css";

interface Props {
  /** Who has it now and is not offered. */
  without: number | null;
  /** The group in whose queue it stands already. */
  groupNow: number | null;
  /** Whether oneself is offered too. */
  self?: boolean;
  onPick: (to: TransferTo, name: string) => void;
}

/** Colleagues and groups to hand chats to: who is on line first, then who has least. */
export function TransferMenu({ without, groupNow, self = false, onPick }: Props) {
  const session = useSession();
  const names = useNames();
  const seats = useSeats();
  const [note, setNote] = useState("");
  const people = seats.filter((seat) => seat.user_id !== without && (self || seat.user_id !== session.user_id) && seat.state !== "offline" && seat.state !== "unreachable")
    .toSorted((a, b) => Number(a.state !== "online") - Number(b.state !== "online") || a.load - b.load);
  return (
    <div className={`${styles.menu} scroll`}>
      <div className={styles.reason}><Input value={note} onChange={(event) => setNote(event.target.value)} placeholder={t("act.transferReason")} aria-label={t("act.transferReason")} maxLength={200} autoFocus /></div>
      <h4>{t("act.transferTo")}</h4>
      {people.map((seat) => (
        <button key={seat.user_id} type="button" onClick={() => onPick({ to_user_id: seat.user_id, note }, seat.name)}>
          <Sign presence={seat.state} /><span className="clip">{seat.name}</span><span className="num">{t("act.room", { n: seat.load, max: seat.max_concurrency })}</span>
        </button>
      ))}
      {people.length === 0 && <p className="quiet" style={{ padding: "4px 8px" }}>{t("act.nobody")}</p>}
      <h4>{t("act.transferGroup")}</h4>
      {Object.entries(names.groups).map(([id, name]) => <button key={id} type="button" disabled={Number(id) === groupNow} onClick={() => onPick({ to_group_id: Number(id), note }, name)}><span>{name}</span></button>)}
    </div>
  );
}
