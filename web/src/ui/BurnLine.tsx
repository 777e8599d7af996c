import { useNow } from "@/lib/useNow";
import { waitOf, type ReplyClock } from "@/lib/countdown";
import { t } from "@/lib/i18n";
import styles from "@/ui/BurnLine.module.css";

/** Returns at most one item for each second of the line, the first; who is further off than the horizon stands at its end together. */
export function ticks(items: readonly BurnItem[], now: number, horizonS = HORIZON_S): BurnItem[] {
  const bySecond = new Map<number, BurnItem>();
  for (const item of items) {
    if (item.clock.dueAt <= now) continue;
    const second = Math.min(horizonS, Math.ceil((item.clock.dueAt - now) / 1_000));
    if (!bySecond.has(second)) bySecond.set(second, item);
  }
  return [...bySecond.values()];
}

export interface BurnItem {
  id: number;
  name: string;
  clock: ReplyClock;
}

const HORIZON_S = 60;
const MARKS = [15, 30, 45];

/** Returns where a clock stands on the line: 0 at its deadline, 1 at the horizon; null when it is already past. */
export function placeOf(clock: ReplyClock, now: number, horizonS = HORIZON_S): number | null {
  const left = (clock.dueAt - now) / 1_000;
  return left <= 0 ? null : Math.min(1, left / horizonS);
}

/**
 * The burn line: everybody who waits, moving towards the left edge, where the time is up. One look tells how many
 * burn in the next seconds; a click opens that chat. What is already over time is counted at the edge.
 */
export function BurnLine({ items, onPick }: { items: BurnItem[]; onPick: (id: number) => void }) {
  const now = useNow(items.length > 0);
  const over = items.filter((item) => item.clock.dueAt <= now);
  return (
    <div className={styles.line} role="group" aria-label={t("burn.label", { n: items.length, over: over.length })}>
      <button type="button" className={`${styles.over} ${over.length > 0 ? styles.burning : ""} num`} disabled={over.length === 0}
        onClick={() => over[0] && onPick(over[0].id)} title={t("burn.over", { n: over.length })}>
        {over.length}
      </button>
      <div className={styles.track}>
        {MARKS.map((s) => <i key={s} className={styles.mark} style={{ left: `${(s / HORIZON_S) * 100}%` }}><b className="num">{s}</b></i>)}
        {ticks(items, now).map((item) => {
          const place = placeOf(item.clock, now) ?? 0;
          const wait = waitOf(item.clock, now);
          return (
            <button key={item.id} type="button" tabIndex={-1} className={`${styles.tick} ${styles[wait.state]}`} style={{ left: `${place * 100}%` }}
              onClick={() => onPick(item.id)} title={`${item.name} · ${t("wait.left", { time: `${wait.seconds}s` })}`} aria-label={item.name} />
          );
        })}
      </div>
    </div>
  );
}
