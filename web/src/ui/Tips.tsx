import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Kbd } from "@/ui/Kbd";
import styles from "@/ui/tips.module.css";

interface Tip {
  at: DOMRect;
  side: string;
  text: string;
  keys: string | undefined;
}

const WAIT_MS = 400;
const GAP = 6;

/** Returns where a tip stands: on the wished side of its element, kept inside the page. Units: CSS pixels. */
export function placeTip(at: Pick<DOMRect, "left" | "top" | "right" | "bottom" | "width" | "height">, side: string, box: { width: number; height: number }, page: { width: number; height: number }): { left: number; top: number } {
  const middle = at.left + at.width / 2 - box.width / 2;
  const centre = at.top + at.height / 2 - box.height / 2;
  const below = at.bottom + GAP + box.height <= page.height;
  const wished = side === "right" ? { left: at.right + GAP, top: centre } : side === "left" ? { left: at.left - GAP - box.width, top: centre }
    : { left: middle, top: (side === "top" && at.top - GAP - box.height >= 0) || !below ? at.top - GAP - box.height : at.bottom + GAP };
  const within = (value: number, size: number, most: number) => Math.max(4, Math.min(value, most - size - 4));
  return { left: within(wished.left, box.width, page.width), top: within(wished.top, box.height, page.height) };
}

/**
 * The one layer that shows the name and the shortcut of whatever carries `data-tip`, on hover and on focus by keyboard.
 * One for the whole page instead of one for each button: buttons come and go with every chat that is opened.
 */
export function Tips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => { clearTimeout(timer); setTip(null); };
    const show = (target: EventTarget | null, wait: number) => {
      clearTimeout(timer);
      const element = target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
      if (box.current?.contains(target as Node | null)) return;
      if (!element) return setTip(null);
      timer = setTimeout(() => {
        if (!element.isConnected || element.getAttribute("aria-expanded") === "true") return;
        setTip({ at: element.getBoundingClientRect(), side: element.dataset["tipSide"] ?? "bottom", text: element.dataset["tip"] ?? "", keys: element.dataset["tipKeys"] });
      }, wait);
    };
    const over = (event: PointerEvent) => { if (event.pointerType !== "touch") show(event.target, WAIT_MS); };
    const focus = (event: FocusEvent) => { if (event.target instanceof Element && event.target.matches(":focus-visible")) show(event.target, WAIT_MS); };
    const key = (event: KeyboardEvent) => { if (event.key === "Escape") hide(); };
    document.addEventListener("pointerover", over);
    document.addEventListener("pointerdown", hide, true);
    document.addEventListener("focusin", focus);
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", key);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", over);
      document.removeEventListener("pointerdown", hide, true);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("keydown", key);
    };
  }, []);
  useLayoutEffect(() => {
    if (!tip || !box.current) return;
    const { left, top } = placeTip(tip.at, tip.side, box.current.getBoundingClientRect(), { width: globalThis.innerWidth, height: globalThis.innerHeight });
    box.current.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }, [tip]);
  if (!tip) return null;
  return <div ref={box} className={styles.tip} aria-hidden>{tip.text}{tip.keys && <Kbd keys={tip.keys} />}</div>;
}
