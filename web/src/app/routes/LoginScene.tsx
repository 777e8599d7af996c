import { useEffect, useState } from "react";
import { t } from "@/lib/i18n";
import styles from "@/app/routes/login.module.css";

const FUSES = [
  { top: 14, delay: 0, length: 17 }, { top: 24, delay: -7, length: 23 }, { top: 34, delay: -3, length: 13 },
  { top: 44, delay: -11, length: 29 }, { top: 54, delay: -5, length: 19 }, { top: 64, delay: -16, length: 37 },
];

/** The house's sign at rest: fuses that burn down and are answered in time. Decoration only. */
export function LoginScene() {
  const [lit, setLit] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setLit((n) => (n + 1) % 3), 4_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={styles.fuses}>
      {FUSES.map((fuse) => (
        <i key={fuse.top} className={styles.fuse} style={{ top: `${fuse.top}%` }}>
          <b style={{ animationDelay: `${fuse.delay}s`, animationDuration: `${fuse.length}s` }} />
        </i>
      ))}
      <ol className={styles.points}>
        {(["login.point1", "login.point2", "login.point3"] as const).map((key, n) => <li key={key} data-lit={n === lit || undefined}>{t(key)}</li>)}
      </ol>
    </div>
  );
}
