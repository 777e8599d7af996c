import { useEffect, useRef, useState, type KeyboardEvent, type WheelEvent } from "react";
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from "lucide-react";
import { t } from "@/lib/i18n";
import { createStore, useStore } from "@/lib/store";
import { stepped, zoomed } from "@/ui/gallery";
import { IconButton } from "@/ui/IconButton";
import styles from "@/ui/viewer.module.css";

export interface Shown {
  kind: "image" | "video";
  address: string;
  name: string;
}

const shown = createStore<Shown | null>(null);
let around: () => readonly Shown[] = () => [];

/** Shows a picture or video over the page. */
export function openViewer(what: Shown): void {
  shown.set(what);
}

/** Says where the pictures and videos beside an open one are found; asked only when one is opened. */
export function leafThrough(find: () => readonly Shown[]): void {
  around = find;
}

/** The place where `openViewer` shows things: once in the page. Arrows leaf, + - 0 and the wheel zoom, Escape closes. */
export function Viewer() {
  const what = useStore(shown);
  const box = useRef<HTMLDialogElement>(null);
  const [zoom, setZoom] = useState(1);
  useEffect(() => {
    setZoom(1);
    if (what && box.current && !box.current.open) box.current.showModal();
    if (what && !box.current?.contains(document.activeElement)) box.current?.focus(); // the button that led to the last one is gone
  }, [what]);
  if (!what) return null;
  const all = around();
  const at = all.findIndex((one) => one.address === what.address);
  const close = () => shown.set(null);
  const go = (step: number) => { const next = stepped(all, at, step); if (next) shown.set(next); };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const leaf = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (leaf !== 0 && what.kind === "image") go(leaf);
    else if (event.key === "PageDown" || event.key === "PageUp") go(event.key === "PageDown" ? 1 : -1);
    else if (event.key === "+" || event.key === "=") setZoom((old) => zoomed(old, 1));
    else if (event.key === "-") setZoom((old) => zoomed(old, -1));
    else if (event.key === "0") setZoom(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onWheel = (event: WheelEvent) => { if (what.kind === "image") setZoom((old) => zoomed(old, event.deltaY < 0 ? 1 : -1)); };
  return (
    <dialog ref={box} tabIndex={-1} className={styles.viewer} onClose={close} onKeyDown={onKeyDown} aria-label={what.name || t(what.kind === "image" ? "part.image" : "part.video")}>
      <div className={styles.bar}>
        <span className="clip">{what.name}</span>
        {all.length > 1 && at >= 0 && <small className="num" aria-live="polite">{t("viewer.place", { n: at + 1, all: all.length })}</small>}
        {what.kind === "image" && <>
          <IconButton label={t("viewer.smaller")} keys="-" icon={<ZoomOut />} onClick={() => setZoom((old) => zoomed(old, -1))} />
          <button type="button" className={`${styles.zoom} num`} aria-label={t("viewer.fit")} onClick={() => setZoom(1)}>{Math.round(zoom * 100)}%</button>
          <IconButton label={t("viewer.bigger")} keys="+" icon={<ZoomIn />} onClick={() => setZoom((old) => zoomed(old, 1))} />
        </>}
        <a href={what.address} download={what.name || true} className={styles.save} aria-label={t("viewer.save")}><Download size={17} /></a>
        <IconButton label={t("common.close")} keys="Escape" icon={<X />} onClick={close} />
      </div>
      <div className={styles.stage} data-big={zoom > 1 || undefined} onWheel={onWheel} onClick={(event) => event.target === event.currentTarget && close()}>
        {what.kind === "image"
          ? <img key={what.address} src={what.address} alt={what.name} style={zoom === 1 ? undefined : { maxWidth: "none", maxHeight: "none", width: `${zoom * 88}vw` }} onDoubleClick={() => setZoom((old) => (old === 1 ? 2 : 1))} />
          : <video key={what.address} src={what.address} controls autoPlay />}
      </div>
      {at > 0 && <button type="button" className={styles.before} aria-label={t("viewer.before")} onClick={() => go(-1)}><ChevronLeft size={26} /></button>}
      {at >= 0 && at < all.length - 1 && <button type="button" className={styles.after} aria-label={t("viewer.after")} onClick={() => go(1)}><ChevronRight size={26} /></button>}
    </dialog>
  );
}
