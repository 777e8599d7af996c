import type { ReactNode } from "react";
import { CloudOff, Inbox, Lock, RotateCw, TriangleAlert } from "lucide-react";
import { Button } from "antd";
import { t } from "@/lib/i18n";
import styles from "@/ui/State.module.css";

interface Props {
  icon?: ReactNode;
  title: string;
  hint?: string;
  action?: ReactNode;
}

/** What stands where there is nothing to show: says why, and what to do. */
export function EmptyState({ icon = <Inbox />, title, hint, action }: Props) {
  return (
    <div className={styles.state} role="status">
      <span className={styles.icon}>{icon}</span>
      <strong>{title}</strong>
      {hint && <p>{hint}</p>}
      {action}
    </div>
  );
}

/** What stands where a fetch failed. Tells no permission, no connection and a fault apart. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const found = error as { status?: number; message?: string; body?: { trace_id?: string } };
  if (found.status === 403) return <EmptyState icon={<Lock />} title={t("state.forbidden")} hint={found.message} />;
  const offline = found.status === 0 || found.status === 502 || found.status === 503;
  const trace = found.body?.trace_id;
  return (
    <EmptyState
      icon={offline ? <CloudOff /> : <TriangleAlert />}
      title={offline ? t("state.offline") : t("state.failed")}
      hint={[found.message, trace && t("state.trace", { id: trace })].filter(Boolean).join(" · ")}
      action={onRetry && <Button icon={<RotateCw size={14} />} onClick={onRetry}>{t("common.retry")}</Button>}
    />
  );
}

/** Grey rows of the height of what is coming, shown after a moment only, so that a quick answer does not flash. */
export function LoadingRows({ rows = 6, height = 56 }: { rows?: number; height?: number }) {
  return (
    <div className={styles.loading} role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, n) => (
        <div key={n} className={styles.row} style={{ height, animationDelay: `${n * 60}ms` }}>
          <i />
          <span><b style={{ width: `${72 - ((n * 17) % 34)}%` }} /><b style={{ width: `${48 - ((n * 13) % 22)}%` }} /></span>
        </div>
      ))}
    </div>
  );
}
