import { lazy, Suspense, useState } from "react";
import { Button } from "antd";
import { Eraser } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import { erasuresOf, stageOf, type Erasure } from "@/features/buyer/erasures";
import styles from "@/features/buyer/components/buyer.module.css";

const EraseDialog = lazy(() => import("@/features/buyer/components/EraseDialog").then((found) => ({ default: found.EraseDialog })));

/** How far the erasure of a person is, and the way to ask for one. Nothing for whoever may not, while there is none. */
export function ErasureSection({ buyerId, name, mayErase }: { buyerId: number; name: string; mayErase: boolean }) {
  const erasures = useQuery(erasuresOf(buyerId));
  const [asking, setAsking] = useState(false);
  const list = erasures.data ?? [];
  if (!mayErase && list.length === 0) return null;
  return (
    <section className={`${styles.section} ${styles.erase}`}>
      <h4>{t("erase.title")}</h4>
      <div aria-live="polite">{list.map((one) => <Progress key={one.id} erasure={one} />)}</div>
      {mayErase && !list.some((one) => stageOf(one) === "running") && (
        <div className={styles.eraseHead}>
          <span className="quiet">{t("erase.hint")}</span>
          <Button size="small" danger icon={<Eraser size={14} />} onClick={() => setAsking(true)}>{t("erase.open")}</Button>
        </div>
      )}
      {asking && <Suspense fallback={null}><EraseDialog buyerId={buyerId} name={name} onClose={() => setAsking(false)} /></Suspense>}
    </section>
  );
}

function Progress({ erasure }: { erasure: Erasure }) {
  const stage = stageOf(erasure);
  const count = (name: string) => erasure.counts[name] ?? 0;
  const counts = { messages: count("messages"), conversations: count("conversations"), files: count("files"), deliveries: count("deliveries") };
  return (
    <div className={styles.erasure}>
      <header><Pill tone={stage === "running" ? "near" : "good"}>{t(stage === "running" ? "erase.running" : "erase.done")}</Pill><time className="quiet num">{fullTime(erasure.done_at ?? erasure.asked_at)}</time></header>
      <span>{erasure.reason}</span>
      {stage === "running" ? <span className="quiet">{t("erase.runningHint")}</span> : (
        <>
          <span className="quiet num">{t("erase.counts", counts)}</span>
          <span className="quiet">{t(stage === "compacted" ? "erase.compacted" : "erase.notCompacted")}</span>
        </>
      )}
    </div>
  );
}
