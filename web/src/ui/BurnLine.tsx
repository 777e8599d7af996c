import { useRef } from "react";
import { useNow } from "@/lib/useNow";
import { waitOf, type ReplyClock } from "@/lib/countdown";
import { t } from "@/lib/i18n";
import styles from "@/ui/BurnLine.module.css";

export interface BurnItem {
  id: number;
  name: string;
  clock: ReplyClock;
}

const HORIZON_S = 60;
const HORIZON_MS = HORIZON_S * 1_000;
const MARKS = [15, 30, 45];
const REBASE_MS = 20 * HORIZON_MS;

/** Returns at most one item for each second of the line, the first, and how many are further off than its end. */
export function ticks(items: readonly BurnItem[], now: number): { near: BurnItem[]; far: BurnItem[] } {
  const bySecond = new Map<number, BurnItem>();
  const far: BurnItem[] = [];
  for (const item of items) {
    if (item.clock.dueAt <= now) continue;
    const second = Math.ceil(item.clock.dueAt / 1_000);
    if (item.clock.dueAt > now + HORIZON_MS) far.push(item);
    else if (!bySecond.has(second)) bySecond.set(second, item);
  }
  return { near: [...bySecond.values()], far };
}

/**
 * The burn line: everybody who waits, moving towards the left edge, where the time is up. One look tells how many
 * burn in the next seconds; a click opens that chat. What is already over time is counted at the edge, what is more
 * than a minute off at the other. One strip carries all ticks and moves as a whole, so time costs no layout.
 */
export function BurnLine({ items, onPick }: { items: BurnItem[]; onPick: (id: number) => void }) {
  const now = useNow(items.length > 0);
  const start = useRef(now);
  if (Math.abs(now - start.current) > REBASE_MS) start.current = now;
  const epoch = start.current;
  const over = items.filter((item) => item.clock.dueAt <= now);
  const { near, far } = ticks(items, now);
  return (
    <div className={styles.line} role="group" aria-label={t("burn.label", { n: items.length, over: over.length })}>
      <button type="button" className={`${styles.over} ${over.length > 0 ? styles.burning : ""} num`} disabled={over.length === 0}
        onClick={() => over[0] && onPick(over[0].id)} title={t("burn.over", { n: over.length })}>
        {over.length > 999 ? "999+" : over.length}
      </button>
      <div className={styles.track}>
        {MARKS.map((s) => <i key={s} className={styles.mark} style={{ left: `${(s / HORIZON_S) * 100}%` }}><b className="num">{s}</b></i>)}
        <div key={epoch} className={styles.strip} style={{ transform: `translateX(${(-(now - epoch) / HORIZON_MS) * 100}%)` }}>
          {near.map((item) => {
            const wait = waitOf(item.clock, now);
            return (
              <button key={item.id} type="button" tabIndex={-1} className={`${styles.tick} ${styles[wait.state]}`} style={{ left: `${((item.clock.dueAt - epoch) / HORIZON_MS) * 100}%` }}
                onClick={() => onPick(item.id)} title={`${item.name} · ${t("wait.left", { time: `${wait.seconds}s` })}`} aria-label={item.name} />
            );
          })}
        </div>
      </div>
      {far.length > 0 && <button type="button" tabIndex={-1} className={`${styles.far} num`} onClick={() => onPick(far[0]!.id)} title={t("burn.far", { n: far.length })}>{far.length > 99 ? "99+" : `+${far.length}`}</button>}
    </div>
  );
}
