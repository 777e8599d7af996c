import { useEffect, useRef } from "react";
import { Download, X } from "lucide-react";
import { t } from "@/lib/i18n";
import { createStore, useStore } from "@/lib/store";
import { IconButton } from "@/ui/IconButton";
import styles from "@/ui/viewer.module.css";

interface Shown {
  kind: "image" | "video";
  address: string;
  name: string;
}

const shown = createStore<Shown | null>(null);

/** Shows a picture or video over the page. */
export function openViewer(what: Shown): void {
  shown.set(what);
}

/** The place where `openViewer` shows things: once in the page. Escape and a click beside it close it. */
export function Viewer() {
  const what = useStore(shown);
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (what && box.current && !box.current.open) box.current.showModal();
  }, [what]);
  if (!what) return null;
  const close = () => shown.set(null);
  return (
    <dialog ref={box} className={styles.viewer} onClose={close} onClick={(event) => event.target === event.currentTarget && close()} aria-label={what.name || t("part.image")}>
      <div className={styles.bar}>
        <span className="clip">{what.name}</span>
        <a href={what.address} download={what.name || true} className={styles.save} aria-label={t("viewer.save")}><Download size={17} /></a>
        <IconButton label={t("common.close")} keys="Escape" icon={<X />} onClick={close} />
      </div>
      {what.kind === "image" ? <img src={what.address} alt={what.name} /> : <video src={what.address} controls autoPlay />}
    </dialog>
  );
}
