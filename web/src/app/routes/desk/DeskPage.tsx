import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useShortcuts } from "@/lib/keys";
import { prefer, preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { neighbour, nextUrgent, type ListFilter, type Row } from "@/features/inbox/rows";
import { narrowingOf } from "@/features/inbox/views";
import { Chat } from "@/app/routes/desk/Chat";
import { ListColumn } from "@/app/routes/desk/ListColumn";
import { StartHere } from "@/app/routes/desk/StartHere";
import { SidePanel } from "@/app/routes/desk/SidePanel";
import type { DeskSearch } from "@/app/deskSearch";
import { rowUnder, useAhead } from "@/app/routes/desk/useAhead";
import { useTitle } from "@/app/routes/desk/useTitle";
import styles from "@/app/routes/desk/desk.module.css";

/** The live desk: the list by what burns first, the open chat, the buyer beside it. The address says where one is. */
export function DeskPage() {
  const { conversationId } = useParams({ strict: false });
  const search = useSearch({ strict: false }) as DeskSearch;
  const go = useNavigate();
  const filter = useMemo((): ListFilter => ({ box: search.box ?? "mine", ...narrowingOf({ ...search }) }), [search]);
  const current = conversationId ?? null;
  const rows = useRef<readonly Row[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [searchSignal, setSearchSignal] = useState(0);
  const ahead = useAhead();
  const panel = useStore(preferences, (p) => p.rightPanel);

  // The chat is asked for before the page is drawn anew: both take their time, and neither waits for the other.
  const open = useCallback((id: number) => {
    ahead.now(id);
    void go({ to: "/desk/$conversationId", params: { conversationId: id }, search: (old) => old });
  }, [ahead, go]);
  const leave = useCallback(() => void go({ to: "/desk", search: (old) => old }), [go]);
  const setFilter = useCallback((next: ListFilter) => void go({ to: ".", search: next }), [go]);
  const setSearch = useCallback((q: string) => void go({ to: ".", search: (old: DeskSearch) => { const { q: _, ...rest } = old; return { ...rest, ...(q ? { q } : {}) }; }, replace: true }), [go]);

  useEffect(() => {
    const onOpen = (event: Event) => open((event as CustomEvent<number>).detail);
    globalThis.addEventListener("miaohui:open", onOpen);
    return () => globalThis.removeEventListener("miaohui:open", onOpen);
  }, [open]);

  const step = (by: 1 | -1) => { const row = neighbour(rows.current, current, by); if (row) open(row.id); };
  const urgent = useCallback(() => { const row = nextUrgent(rows.current, current); if (row) open(row.id); }, [current, open]);
  const setRows = useCallback((fresh: readonly Row[]) => {
    rows.current = fresh;
    setWaiting(fresh.reduce((n, row) => n + (row.waiting_since === null ? 0 : 1), 0));
    ahead.now(nextUrgent(fresh, current)?.id);
  }, [ahead, current]);
  useShortcuts([
    { keys: "Alt+N", label: "keys.nextUrgent", group: "keys.list", typing: true, run: urgent },
    { keys: "Alt+ArrowDown", label: "keys.next", group: "keys.list", typing: true, run: () => step(1) },
    { keys: "Alt+ArrowUp", label: "keys.previous", group: "keys.list", typing: true, run: () => step(-1) },
    { keys: "J", label: "keys.next", group: "keys.list", run: () => step(1) },
    { keys: "K", label: "keys.previous", group: "keys.list", run: () => step(-1) },
    { keys: "Ctrl+K", label: "keys.search", group: "keys.list", typing: true, run: () => setSearchSignal((n) => n + 1) },
    { keys: "Alt+B", label: "keys.panel", group: "keys.act", typing: true, run: () => prefer({ rightPanel: !preferences.get().rightPanel }) },
  ]);
  useTitle(waiting);

  return (
    <div className={styles.desk} onPointerOver={(event) => ahead.rest(rowUnder(event.target))} onPointerLeave={() => ahead.rest(undefined)} onPointerDown={(event) => ahead.now(rowUnder(event.target))} data-open={current !== null || undefined} data-panel={(panel && current !== null) || undefined}>
      <ListColumn filter={filter} search={search.q ?? ""} current={current} searchSignal={searchSignal} onFilter={setFilter} onSearch={setSearch} onOpen={open} onRows={setRows} />
      {current === null ? (
        <section className={styles.nothing}><StartHere waiting={waiting} onStart={urgent} /></section>
      ) : (
        <Chat key={current} conversationId={current} onBack={leave} onNext={urgent} />
      )}
      {current !== null && panel && <SidePanel conversationId={current} onOpen={open} />}
    </div>
  );
}
