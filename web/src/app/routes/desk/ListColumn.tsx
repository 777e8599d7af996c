import { useEffect, useMemo } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Coffee, Inbox } from "lucide-react";
import { t, tOr } from "@/lib/i18n";
import { preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { BurnLine } from "@/ui/BurnLine";
import { EmptyState, ErrorState } from "@/ui/State";
import { countsQuery, listQuery } from "@/features/inbox/api";
import { ConversationList } from "@/features/inbox/components/ConversationList";
import { ListPane } from "@/features/inbox/components/ListPane";
import { SearchHits } from "@/features/inbox/components/SearchHits";
import { clockOf, type Box, type Row } from "@/features/inbox/rows";
import { draftsOf } from "@/features/composer/drafts";
import { useMySeat } from "@/features/routing/api";
import { useSession } from "@/app/session";
import { useNames } from "@/app/names";

interface Props {
  box: Box;
  search: string;
  current: number | null;
  searchSignal: number;
  onBox: (box: Box) => void;
  onSearch: (search: string) => void;
  onOpen: (id: number) => void;
  onRows: (rows: readonly Row[]) => void;
}

const NOBODY: ReadonlySet<number> = new Set();

/** The left column: the chosen box, kept fresh by the feed. */
export function ListColumn({ box, search, current, searchSignal, onBox, onSearch, onOpen, onRows }: Props) {
  const session = useSession();
  const density = useStore(preferences, (p) => p.density);
  const drafts = draftsOf(session.shop_id, session.user_id);
  const list = useInfiniteQuery(listQuery({ box }));
  const counts = useQuery(countsQuery);
  const names = useNames();
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const burning = useMemo(
    () => rows.flatMap((row) => { const clock = clockOf(row); return clock ? [{ id: row.id, name: row.buyer_name_zh, clock }] : []; }),
    [rows],
  );
  useEffect(() => onRows(rows), [rows, onRows]);
  return (
    <ListPane box={box} counts={counts.data ?? {}} search={search} onBox={onBox} onSearch={onSearch} searchSignal={searchSignal} burn={burning.length > 0 && <BurnLine items={burning} onPick={onOpen} />}>
      {search ? (
        <SearchHits search={search} onOpen={onOpen} />
      ) : list.isError ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <ConversationList rows={rows} sections={box !== "closed"} selectedId={current} density={density} drafts={drafts} agentNames={box === "mine" ? null : names.agents}
          marked={NOBODY} loading={list.isPending} hasMore={list.hasNextPage} onMore={() => { if (!list.isFetchingNextPage) void list.fetchNextPage(); }} onOpen={onOpen} empty={<NothingHere box={box} me={session.user_id} />} />
      )}
    </ListPane>
  );
}

function NothingHere({ box, me }: { box: Box; me: number }) {
  const seat = useMySeat(me);
  if (box === "mine") {
    const state = seat.data?.state ?? "online";
    return <EmptyState icon={<Coffee />} title={t("list.empty.mine")} hint={state === "online" ? t("list.empty.mineHint") : t("list.empty.offlineHint", { state: tOr(`presence.${state}`, state) })} />;
  }
  return <EmptyState icon={<Inbox />} title={t(box === "unassigned" ? "list.empty.unassigned" : "list.empty.other")} />;
}
