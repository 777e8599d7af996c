import { FileText, X } from "lucide-react";
import { Progress } from "antd";
import { bytes } from "@/lib/format";
import { t } from "@/lib/i18n";
import type { Upload } from "@/features/composer/uploads";
import styles from "@/features/composer/components/composer.module.css";

/** What will go out with the next answer. */
export function AttachmentTray({ uploads, onRemove }: { uploads: readonly Upload[]; onRemove: (key: string) => void }) {
  if (uploads.length === 0) return null;
  return (
    <ul className={styles.tray}>
      {uploads.map((upload) => (
        <li key={upload.key} data-state={upload.state} title={upload.problem || upload.name}>
          {upload.preview ? <img src={upload.preview} alt="" /> : <FileText size={20} aria-hidden />}
          <span>
            <b className="clip">{upload.name}</b>
            {upload.state === "failed" ? <small className={styles.problem}>{upload.problem}</small> : <small className="quiet num">{bytes(upload.size)}</small>}
            {upload.state === "sending" && <Progress percent={upload.percent} showInfo={false} size="small" />}
          </span>
          <button type="button" aria-label={t("composer.removeFile", { name: upload.name })} onClick={() => onRemove(upload.key)}><X size={14} /></button>
        </li>
      ))}
    </ul>
  );
}
