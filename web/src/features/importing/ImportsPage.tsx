import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { t } from "@/lib/i18n";
import { useStore } from "@/lib/store";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Part, Sheet } from "@/ui/Sheet";
import { importsQuery, kindsQuery } from "@/features/importing/api";
import { clearDone, commit, tray } from "@/features/importing/tray";
import { DropZone } from "@/features/importing/components/DropZone";
import { FileCard } from "@/features/importing/components/FileCard";
import { History } from "@/features/importing/components/History";
import { Templates } from "@/features/importing/components/Templates";
import styles from "@/features/importing/importing.module.css";

/** Files that platforms export become figures: dropped, recognised, looked at, imported, undone. */
export default function ImportsPage() {
  const items = useStore(tray);
  const kinds = useQuery(kindsQuery);
  const history = useInfiniteQuery(importsQuery);
  const ready = items.filter((item) => item.stage === "ready");
  if (kinds.isError) return <ErrorState error={kinds.error} onRetry={() => void kinds.refetch()} />;
  const importAll = () => ready.forEach((item) => void commit(item.key, ""));
  return (
    <Sheet title={t("settings.imports")} hint={t("imports.hint")}>
      <DropZone small={items.length > 0} />
      {items.length > 0 && (
        <section aria-label={t("imports.tray")} className={styles.tray}>
          <div className={styles.trayHead}>
            <span className="quiet" role="status">{t("imports.count", { n: items.length, ready: ready.length })}</span>
            {items.some((item) => item.stage === "done") && <Button size="small" type="text" onClick={clearDone}>{t("imports.clearDone")}</Button>}
            {ready.length > 1 && <Button size="small" type="primary" onClick={importAll}>{t("imports.importAll", { n: ready.length })}</Button>}
          </div>
          {items.map((item) => <FileCard key={item.key} item={item} kinds={kinds.data ?? []} />)}
        </section>
      )}
      <Part title={t("imports.history")} hint={t("imports.historyHint")}>
        {history.isPending ? <LoadingRows rows={3} height={36} /> : history.isError ? <ErrorState error={history.error} onRetry={() => void history.refetch()} /> : (
          <History rows={history.data.pages.flatMap((page) => page.items)} />
        )}
        {history.hasNextPage && <Button onClick={() => void history.fetchNextPage()} loading={history.isFetchingNextPage}>{t("common.loadMore")}</Button>}
      </Part>
      <Templates />
    </Sheet>
  );
}
