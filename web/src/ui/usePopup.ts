import { useCallback, useRef, useState } from "react";

const SAME_PRESS_MS = 400;

/**
 * What is open beside its button, by name. What opens is put into the page only while it is open, so a button costs
 * nothing. The press that closes it by being outside does not open it again when it ends on its own button.
 */
export function usePopup<T>(): { open: T | null; toggle: (what: T) => void; close: () => void } {
  const [open, setOpen] = useState<T | null>(null);
  const closed = useRef<{ what: T | null; at: number }>({ what: null, at: Number.NEGATIVE_INFINITY });
  const close = useCallback(() => setOpen((old) => {
    if (old !== null) closed.current = { what: old, at: performance.now() };
    return null;
  }), []);
  const toggle = useCallback((what: T) => setOpen((old) => {
    const justClosed = closed.current.what === what && performance.now() - closed.current.at < SAME_PRESS_MS;
    return old === what || justClosed ? null : what;
  }), []);
  return { open, toggle, close };
}
