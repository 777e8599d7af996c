import { useNow } from "@/lib/useNow";
import { waitOf, type ReplyClock } from "@/lib/countdown";
import { duration, stopwatch } from "@/lib/format";
import { t } from "@/lib/i18n";
import styles from "@/ui/WaitBadge.module.css";

const AROUND = 2 * Math.PI * 6;

/**
 * A reply clock: shape, text and colour say the same. Calm: an outlined ring that empties. Near: a triangle on a tint.
 * Breached: a filled pill that counts up. It renews itself once a second, so its row does not.
 */
export function WaitBadge({ clock, large = false }: { clock: ReplyClock; large?: boolean }) {
  const wait = waitOf(clock, useNow());
  const text = wait.state === "breached" ? `+${stopwatch(wait.seconds)}` : wait.seconds < 100 ? duration(wait.seconds) : stopwatch(wait.seconds);
  const spoken = wait.state === "breached" ? t("wait.over", { time: duration(wait.seconds) }) : t("wait.left", { time: duration(wait.seconds) });
  return (
    <span className={`${styles.badge} ${styles[wait.state]} ${large ? styles.large : ""} num`} title={spoken} role="timer" aria-label={spoken} data-wait={wait.state}>
      <Shape state={wait.state} used={wait.used} />
      {text}
    </span>
  );
}

function Shape({ state, used }: { state: string; used: number }) {
  if (state === "breached") {
    return (
      <svg viewBox="0 0 16 16" className={styles.shape} aria-hidden>
        <path d="M5 1.500h6L14.500 5v6L11 14.500H5L1.500 11V5z" fill="currentColor" opacity="0.28" />
        <path d="M8 4.200v4.600M8 11.200v.8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      </svg>
    );
  }
  if (state === "near") {
    return (
      <svg viewBox="0 0 16 16" className={styles.shape} aria-hidden>
        <path d="M8 2 15 14H1z" fill="currentColor" opacity="0.9" />
        <path d="M8 6.500v3.500M8 12v.2" className={styles.bang} strokeWidth="1.700" strokeLinecap="round" />
      </svg>
    );
  }
  return (
    <svg viewBox="0 0 16 16" className={styles.shape} aria-hidden>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" opacity="0.22" />
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray={AROUND} strokeDashoffset={AROUND * used} transform="rotate(-90 8 8) scale(1 -1) translate(0 -16)" />
    </svg>
  );
}
