import { useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { t } from "@/lib/i18n";
import type { Store } from "@/lib/store";
import { densities, type Density } from "@/ui/tokens";
import { LoadingRows } from "@/ui/State";
import type { Row } from "@/features/inbox/rows";
import { ConversationRow } from "@/features/inbox/components/ConversationRow";
import styles from "@/features/inbox/components/list.module.css";

interface Props {
  rows: readonly Row[];
  sections: boolean;
  selectedId: number | null;
  density: Density;
  drafts: Store<Readonly<Record<number, string>>>;
  agentNames: Readonly<Record<number, string>> | null;
  /** The chats that are chosen for an action on many; null where nobody may choose. */
  marked: ReadonlySet<number> | null;
  pointed: number | null;
  onMark: (id: number, range: boolean) => void;
  onKey: (event: KeyboardEvent, order: readonly number[]) => void;
  loading: boolean;
  hasMore: boolean;
  onMore: () => void;
  onOpen: (id: number) => void;
  empty: ReactNode;
}

type Entry = { head: string; count: number } | { row: Row };

/** Returns rows with the heads of their sections: who waits for an answer, who has one. */
export function withSections(rows: readonly Row[], on: boolean): Entry[] {
  if (!on) return rows.map((row) => ({ row }));
  const waiting = rows.filter((row) => row.waiting_since !== null);
  const answered = rows.filter((row) => row.waiting_since === null);
  return [
    ...(waiting.length > 0 ? [{ head: t("list.waiting"), count: waiting.length }, ...waiting.map((row) => ({ row }))] : []),
    ...(answered.length > 0 ? [{ head: t("list.answered"), count: answered.length }, ...answered.map((row) => ({ row }))] : []),
  ];
}

/** The list of conversations; only what is on the screen is in the page. What its keys do, the desk says. */
export function ConversationList(props: Props) {
  const { rows, sections, selectedId, density, hasMore, onMore, loading } = props;
  const box = useRef<HTMLDivElement>(null);
  const entries = useMemo(() => withSections(rows, sections), [rows, sections]);
  const height = densities[density].row;
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: (n) => (entries[n] && "head" in entries[n] ? 28 : height),
    getItemKey: (n) => { const e = entries[n]; return !e ? n : "head" in e ? e.head : e.row.id; },
    overscan: 10,
  });
  useEffect(() => virtual.measure(), [height, virtual]);
  const shown = virtual.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    if (hasMore && !loading && last >= entries.length - 12) onMore();
  }, [hasMore, loading, last, entries.length, onMore]);
  const place = entries.findIndex((entry) => "row" in entry && entry.row.id === selectedId);
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: "auto" });
    // Only when another one is opened: a list that moves under the reader's hand is worse than one that does not.
  }, [selectedId]);
  const order = useMemo(() => entries.flatMap((entry) => ("row" in entry ? [entry.row.id] : [])), [entries]);
  const at = props.pointed === null ? -1 : entries.findIndex((entry) => "row" in entry && entry.row.id === props.pointed);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [props.pointed]);
  const active = props.pointed ?? selectedId;
  if (entries.length === 0) return loading ? <LoadingRows rows={8} height={height} /> : <>{props.empty}</>;
  return (
    <div ref={box} className={`${styles.list} scroll`} role="listbox" aria-label={t("list.label")} tabIndex={0}
      aria-activedescendant={active ? `conversation-${active}` : undefined} aria-multiselectable={props.marked !== null || undefined} onKeyDown={(event) => props.onKey(event, order)}>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {shown.map((item) => {
          const entry = entries[item.index];
          if (!entry) return null;
          return (
            <div key={item.key} className={styles.slot} style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
              {"head" in entry ? (
                <div className={styles.section} role="presentation">{entry.head}<span className="num">{entry.count}{hasMore ? "+" : ""}</span></div>
              ) : (
                <ConversationRow row={entry.row} selected={entry.row.id === selectedId} drafts={props.drafts} onOpen={props.onOpen}
                  agentName={props.agentNames && entry.row.agent_id ? (props.agentNames[entry.row.agent_id] ?? "") : ""} marked={props.marked?.has(entry.row.id) ?? null} pointed={entry.row.id === props.pointed} onMark={props.marked ? props.onMark : undefined} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
