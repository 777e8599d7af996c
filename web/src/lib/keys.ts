import { useEffect, useRef } from "react";
import type { TextKey } from "@/lib/i18n";
import { createStore } from "@/lib/store";

/** A shortcut that is in force while its component is on the page. `keys` as `Alt+ArrowDown`, Ctrl stands for ⌘ on a Mac. */
export interface Shortcut {
  keys: string;
  label: TextKey;
  group: TextKey;
  run: (event: KeyboardEvent) => void;
  /** Works while typing too. Shortcuts without a modifier never do, unless this says so. */
  typing?: boolean;
  enabled?: boolean;
}

export const shortcuts = createStore<Shortcut[]>([]);

/** Returns the name of a key press as shortcuts spell it. */
export function keysOf(event: Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? /^Digit(\d)$/.exec(event.code)?.[1];
  const base = letter && (event.altKey || event.ctrlKey || event.metaKey || event.key.length === 1) ? letter : event.key;
  if (event.shiftKey && (letter || base.length > 1)) parts.push("Shift");
  parts.push(base === " " ? "Space" : base);
  return parts.join("+");
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName ?? "") || element.isContentEditable === true);
}

/** Runs the newest enabled shortcut of a key press; returns whether there was one. Never acts while an IME composes. */
export function dispatchKey(event: KeyboardEvent, found: Shortcut[] = shortcuts.get()): boolean {
  if (event.isComposing || event.keyCode === 229) return false;
  const keys = keysOf(event);
  const typing = isTyping(event.target);
  for (let n = found.length - 1; n >= 0; n--) {
    const shortcut = found[n]!;
    if (shortcut.keys !== keys || shortcut.enabled === false || (typing && !shortcut.typing)) continue;
    event.preventDefault();
    shortcut.run(event);
    return true;
  }
  return false;
}

/** Puts shortcuts in force for as long as the component is there. The newest wins. */
export function useShortcuts(list: Shortcut[]): void {
  const latest = useRef(list);
  latest.current = list;
  const shape = list.map((s) => `${s.keys}${s.enabled === false ? "-" : "+"}`).join("|");
  useEffect(() => {
    const mine = latest.current.map((s, n) => ({ ...s, run: (event: KeyboardEvent) => latest.current[n]?.run(event) }));
    shortcuts.set((old) => [...old, ...mine]);
    return () => shortcuts.set((old) => old.filter((s) => !mine.includes(s)));
  }, [shape]);
}
