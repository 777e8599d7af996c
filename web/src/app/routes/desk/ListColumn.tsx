import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Coffee, Inbox } from "lucide-react";
import { t, tOr } from "@/lib/i18n";
import { preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { BurnLine } from "@/ui/BurnLine";
import { EmptyState, ErrorState } from "@/ui/State";
import { countsQuery, listQuery } from "@/features/inbox/api";
import { FilterChips } from "@/features/inbox/components/FilterChips";
import { ConversationList } from "@/features/inbox/components/ConversationList";
import { ListPane } from "@/features/inbox/components/ListPane";
import { SearchHits } from "@/features/inbox/components/SearchHits";
import { clockOf, type Box, type ListFilter, type Row } from "@/features/inbox/rows";
import { isNarrow } from "@/features/inbox/views";
import { draftsOf } from "@/features/composer/drafts";
import { useKeptDrafts } from "@/features/composer/useKeptDrafts";
import { useMySeat } from "@/features/routing/api";
import { ViewButton, useChoices } from "@/app/routes/desk/ViewButton";
import { useMarks } from "@/app/routes/desk/useMarks";
import { can, useSession } from "@/app/session";
import { useNames } from "@/app/names";

const BulkBar = lazy(() => import("@/app/routes/desk/BulkBar").then((found) => ({ default: found.BulkBar })));

const NO_COUNTS: Readonly<Record<string, number>> = {};

interface Props {
  filter: ListFilter;
  search: string;
  current: number | null;
  searchSignal: number;
  onFilter: (filter: ListFilter) => void;
  onSearch: (search: string) => void;
  onOpen: (id: number) => void;
  onRows: (rows: readonly Row[]) => void;
}

/** The left column: the chosen box or view, kept fresh by the feed; many of it can be chosen and acted on. */
export function ListColumn({ filter, search, current, searchSignal, onFilter, onSearch, onOpen, onRows }: Props) {
  const box = filter.box;
  const session = useSession();
  const density = useStore(preferences, (p) => p.density);
  const drafts = draftsOf(session.shop_id, session.user_id);
  const list = useInfiniteQuery(listQuery(filter));
  useKeptDrafts(draftsOf(session.shop_id, session.user_id), can(session, "inbox.reply"));
  const counts = useQuery(countsQuery);
  const names = useNames();
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const burning = useMemo(
    () => rows.flatMap((row) => { const clock = clockOf(row); return clock ? [{ id: row.id, name: row.buyer_name_zh, clock }] : []; }),
    [rows],
  );
  useEffect(() => onRows(rows), [rows, onRows]);
  const choices = useChoices();
  const onBox = useCallback((next: Box) => onFilter({ ...filter, box: next }), [filter, onFilter]);
  const mayMark = can(session, "inbox.bulk") && !search;
  const marking = useMarks(rows, JSON.stringify(filter), current, mayMark, onOpen);
  const chosen = useMemo(() => rows.filter((row) => marking.ids.has(row.id)), [rows, marking.ids]);
  return (
    <ListPane box={box} counts={counts.data ?? NO_COUNTS} search={search} onBox={onBox} onSearch={onSearch} searchSignal={searchSignal} tool={<ViewButton filter={filter} choices={choices} onFilter={onFilter} />} burn={burning.length > 0 && <BurnLine items={burning} onPick={onOpen} />}>
      {!search && <FilterChips filter={filter} choices={choices} onFilter={onFilter} />}
      {search ? (
        <SearchHits search={search} onOpen={onOpen} />
      ) : list.isError ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <ConversationList rows={rows} sections={box !== "closed"} selectedId={current} density={density} drafts={drafts} agentNames={box === "mine" ? null : names.agents}
          marked={mayMark ? marking.ids : null} pointed={marking.pointed} onMark={marking.onMark} onKey={marking.onKey} loading={list.isPending} hasMore={list.hasNextPage} onMore={() => { if (!list.isFetchingNextPage) void list.fetchNextPage(); }} onOpen={onOpen} empty={<NothingHere box={box} narrow={isNarrow(filter)} me={session.user_id} />} />
      )}
      {mayMark && <Suspense fallback={null}><BulkBar rows={chosen} onChoose={marking.set} /></Suspense>}
    </ListPane>
  );
}

function NothingHere({ box, narrow, me }: { box: Box; narrow: boolean; me: number }) {
  const seat = useMySeat(me);
  if (narrow) return <EmptyState icon={<Inbox />} title={t("views.empty")} />;
  if (box === "mine") {
    const state = seat.data?.state ?? "online";
    return <EmptyState icon={<Coffee />} title={t("list.empty.mine")} hint={state === "online" ? t("list.empty.mineHint") : t("list.empty.offlineHint", { state: tOr(`presence.${state}`, state) })} />;
  }
  return <EmptyState icon={<Inbox />} title={t(box === "unassigned" ? "list.empty.unassigned" : "list.empty.other")} />;
}
