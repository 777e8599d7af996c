import { nowMs } from "@/lib/clock";
import { t } from "@/lib/i18n";
import styles from "@/app/routes/desk/desk.module.css";

const SNOOZES = [600, 3_600, 10_800] as const;

/** Returns tomorrow at nine in the shop's time. Units: milliseconds since 1970. */
export function tomorrowAtNine(now: number): number {
  const DAY = 86_400_000;
  const SHIFT = 8 * 3_600_000;
  return Math.floor((now + SHIFT) / DAY) * DAY + DAY + 9 * 3_600_000 - SHIFT;
}

/** Until when a chat sleeps. Units: milliseconds since 1970. */
export function SnoozeMenu({ onPick, onWake }: { onPick: (until: number) => void; onWake: (() => void) | null }) {
  return (
    <div className={styles.menu}>
      {onWake && <button type="button" autoFocus onClick={onWake}>{t("act.wake")}</button>}
      {SNOOZES.map((s, n) => <button key={s} type="button" autoFocus={!onWake && n === 0} onClick={() => onPick(nowMs() + s * 1_000)}>{t(`act.snoozeFor.${s}`)}</button>)}
      <button type="button" onClick={() => onPick(tomorrowAtNine(nowMs()))}>{t("act.snoozeFor.tomorrow")}</button>
    </div>
  );
}
