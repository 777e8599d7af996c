import { useId, useState, type DragEvent } from "react";
import { FileUp } from "lucide-react";
import { t } from "@/lib/i18n";
import { addFiles } from "@/features/importing/tray";
import styles from "@/features/importing/importing.module.css";

/** Where files are dropped or picked, several at once. */
export function DropZone({ small }: { small: boolean }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    addFiles([...event.dataTransfer.files]);
  };
  return (
    <div className={styles.drop} data-over={over || undefined} data-small={small || undefined} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <FileUp aria-hidden />
      <label htmlFor={id}><b>{t("imports.drop")}</b> <u>{t("imports.pick")}</u></label>
      <input id={id} className="sr" type="file" multiple accept=".csv,.xlsx,.xls,.txt,.html,.htm,.tsv" aria-describedby={`${id}-hint`} onChange={(event) => { addFiles([...(event.target.files ?? [])]); event.target.value = ""; }} />
      <p id={`${id}-hint`} className="quiet">{t("imports.dropHint")}</p>
    </div>
  );
}
