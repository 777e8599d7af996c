import { Fragment, useDeferredValue } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { SearchX } from "lucide-react";
import { nowMs } from "@/lib/clock";
import { listTime } from "@/lib/format";
import { t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { searchQuery } from "@/features/inbox/api";
import { marked, tame } from "@/features/inbox/text";
import styles from "@/features/inbox/components/pane.module.css";

/** What a search found, best first; a click opens the chat. */
export function SearchHits({ search, onOpen }: { search: string; onOpen: (id: number) => void }) {
  const words = useDeferredValue(search.trim());
  const hits = useInfiniteQuery({ ...searchQuery(words), enabled: [...words].length >= 2 });
  if ([...words].length < 2) return <EmptyState icon={<SearchX />} title={t("list.searchHint")} />;
  if (hits.isPending) return <LoadingRows rows={5} height={64} />;
  if (hits.isError) return <ErrorState error={hits.error} onRetry={() => void hits.refetch()} />;
  const found = hits.data.pages.flatMap((page) => page.items);
  if (found.length === 0) return <EmptyState icon={<SearchX />} title={t("list.searchNone", { search: words })} />;
  return (
    <div className={`${styles.hits} scroll`} role="list">
      {found.map((hit) => (
        <button key={hit.message_id} type="button" className={styles.hit} onClick={() => onOpen(hit.conversation_id)}>
          <header><b className="clip">{tame(hit.buyer_name_zh)}</b><time className="num">{listTime(hit.occurred_at, nowMs())}</time></header>
          <p>{marked(tame(hit.text), words.split(/\s+/)).map((piece, n) => <Fragment key={n}>{piece.hit ? <mark>{piece.text}</mark> : piece.text}</Fragment>)}</p>
        </button>
      ))}
      {hits.hasNextPage && <Button block type="text" loading={hits.isFetchingNextPage} onClick={() => void hits.fetchNextPage()}>{t("common.loadMore")}</Button>}
    </div>
  );
}
