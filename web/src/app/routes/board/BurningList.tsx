import { Flame } from "lucide-react";
import { t } from "@/lib/i18n";
import { saidLabel } from "@/lib/i18n/said";
import { BuyerFace } from "@/ui/BuyerFace";
import { EmptyState } from "@/ui/State";
import { WaitBadge } from "@/ui/WaitBadge";
import { clockOf, type Row } from "@/features/inbox/rows";
import { shownName, tame } from "@/features/inbox/text";
import type { Seat } from "@/features/routing/api";
import styles from "@/app/routes/board/board.module.css";

const SHOWN = 40;

/** The chats that burn first, whoever has them; a click opens one. */
export function BurningList({ rows, seats, onOpen }: { rows: readonly Row[]; seats: readonly Seat[]; onOpen: (id: number) => void }) {
  if (rows.length === 0) return <EmptyState icon={<Flame />} title={t("board.nothingBurns")} hint={t("board.nothingBurnsHint")} />;
  return (
    <ul className={styles.burning}>
      {rows.slice(0, SHOWN).map((row) => {
        const clock = clockOf(row);
        return (
          <li key={row.id}>
            <button type="button" onClick={() => onOpen(row.id)}>
              <BuyerFace name={shownName(row.buyer_name_zh, t("buyer.nameless"))} channel={row.channel} size={30} />
              <span className={styles.who}><b className="clip">{shownName(row.buyer_name_zh, t("buyer.nameless"))}</b><span className="clip quiet">{tame(saidLabel(row.last_text))}</span></span>
              <span className={styles.has}>{clock && <WaitBadge clock={clock} />}<small className="clip quiet">{seats.find((seat) => seat.user_id === row.agent_id)?.name ?? t("row.unassigned")}</small></span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
