import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useShortcuts } from "@/lib/keys";
import type { Row } from "@/features/inbox/rows";
import { MOST, NO_MARKS, ranged, toggled, visible, type Marks } from "@/features/inbox/selection";

export interface Marking {
  ids: ReadonlySet<number>;
  pointed: number | null;
  onMark: (id: number, range: boolean) => void;
  onKey: (event: KeyboardEvent, order: readonly number[]) => void;
  set: (ids: readonly number[]) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** Returns where the arrow keys go from a place in the list; at its ends they stay. */
export function pointedAfter(key: string, order: readonly number[], from: number | null): number | null {
  if (order.length === 0) return null;
  if (key === "Home") return order[0]!;
  if (key === "End") return order[order.length - 1]!;
  const step = STEPS[key];
  if (step === undefined) return from;
  const at = from === null ? -1 : order.indexOf(from);
  if (at < 0) return order[0]!;
  return order[Math.max(0, Math.min(order.length - 1, at + step))]!;
}

/** Choosing many chats: by ctrl or shift and a click, or in the list with arrows, X, Shift and Ctrl+A. `on` says whether one may. */
export function useMarks(rows: readonly Row[], scope: string, current: number | null, on: boolean, onOpen: (id: number) => void): Marking {
  const [marks, setMarks] = useState<Marks>(NO_MARKS);
  const [pointed, setPointed] = useState<number | null>(null);
  const order = useMemo(() => rows.map((row) => row.id), [rows]);
  useEffect(() => { setMarks(NO_MARKS); setPointed(null); }, [scope]);
  useEffect(() => setMarks((old) => visible(old, order)), [order]);
  const latest = useRef(order);
  latest.current = order;
  const mark = useCallback((id: number, range: boolean, shown: readonly number[] = latest.current) => {
    if (on) setMarks((old) => (range ? ranged(old, id, shown) : toggled(old, id)));
  }, [on]);
  const set = useCallback((ids: readonly number[]) => setMarks({ ids: new Set(ids.slice(0, MOST)), anchor: ids[0] ?? null }), []);

  const onKey = (event: KeyboardEvent, shown: readonly number[]) => {
    if (event.altKey) return;
    const from = pointed ?? current;
    const chord = event.ctrlKey || event.metaKey;
    const handled = () => { event.preventDefault(); event.stopPropagation(); };
    if (event.key in STEPS || event.key === "Home" || event.key === "End") {
      handled();
      const to = pointedAfter(event.key, shown, from);
      setPointed(to);
      if (!event.shiftKey || to === null) return;
      if (marks.anchor === null && from !== null) setMarks((old) => ranged(toggled(old, from), to, shown));
      else mark(to, true, shown);
    } else if (event.key === "Enter" && from !== null) { handled(); onOpen(from); }
    else if (on && (event.key === " " || (event.key.toLowerCase() === "x" && !chord)) && from !== null) { handled(); mark(from, event.shiftKey, shown); }
    else if (on && chord && event.key.toLowerCase() === "a") { handled(); set(marks.ids.size === shown.length ? [] : shown); }
    else if (event.key === "Escape" && marks.ids.size > 0) { handled(); set([]); }
  };
  useShortcuts([
    { keys: "X", label: "keys.mark", group: "keys.list", enabled: on, run: () => { const id = pointed ?? current ?? order[0]; if (id !== undefined) mark(id, false); } },
    { keys: "Shift+X", label: "keys.markRange", group: "keys.list", enabled: on, run: () => { const id = pointed ?? current; if (id !== null) mark(id, true); } },
    { keys: "Ctrl+A", label: "keys.markAll", group: "keys.list", enabled: on, run: () => set(marks.ids.size === order.length ? [] : order) },
  ]);
  return { ids: marks.ids, pointed, onMark: mark, onKey, set };
}
