import { useState } from "react";
import { Button, Input } from "antd";
import { ChevronDown, CircleCheckBig, CircleHelp, FileSpreadsheet, LoaderCircle, TriangleAlert, X } from "lucide-react";
import { bytes } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { IconButton } from "@/ui/IconButton";
import { Pill } from "@/ui/Pill";
import type { Kind } from "@/features/importing/api";
import { sureness, type Item, type Stage } from "@/features/importing/model";
import { commit, drop, retry } from "@/features/importing/tray";
import { Questions } from "@/features/importing/components/Questions";
import { PreviewParts } from "@/features/importing/components/PreviewParts";
import styles from "@/features/importing/importing.module.css";

const ICONS: Record<Stage, React.ReactNode> = {
  uploading: <LoaderCircle className={styles.spin} />, queued: <LoaderCircle className={styles.spin} />, importing: <LoaderCircle className={styles.spin} />,
  refused: <TriangleAlert />, ask: <CircleHelp />, ready: <FileSpreadsheet />, done: <CircleCheckBig />,
};
const MOVABLE: readonly Stage[] = ["uploading", "refused", "ask", "ready", "done"];

/** One file: how far it is, what it was understood as, what is asked about it, what it gave. */
export function FileCard({ item, kinds }: { item: Item; kinds: readonly Kind[] }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const { preview, stage } = item;
  const canOpen = preview !== null && stage !== "ask" && preview.kind !== "";
  return (
    <article className={styles.file} data-stage={stage} aria-label={item.name}>
      <div className={styles.fileHead}>
        <span className={styles.fileIcon} aria-hidden>{ICONS[stage]}</span>
        <div className={styles.fileName}>
          <b className="clip" title={item.name}>{item.name}</b>
          <small className="quiet num">{bytes(item.size)}{preview?.form_zh ? ` · ${said(preview.form_zh)}` : ""}{preview?.row_count ? ` · ${t("imports.rows", { n: preview.row_count })}` : ""}{preview?.from_on ? ` · ${preview.from_on}${preview.to_on !== preview.from_on ? ` – ${preview.to_on}` : ""}` : ""}</small>
        </div>
        <Understood item={item} />
        <span className={styles.fileActs}>
          {canOpen && stage === "ready" && <Button size="small" type="text" icon={<ChevronDown size={14} className={open ? styles.flipped : ""} />} aria-expanded={open} onClick={() => setOpen(!open)}>{t("imports.look")}</Button>}
          {stage === "ready" && <Button size="small" type="primary" onClick={() => void commit(item.key, name.trim())}>{t("imports.import")}</Button>}
          {item.canRetry && <Button size="small" onClick={() => retry(item.key)}>{t("imports.retry")}</Button>}
          {MOVABLE.includes(stage) && <IconButton label={t(stage === "done" ? "common.close" : "imports.drop.one")} icon={<X />} onClick={() => drop(item.key)} />}
        </span>
      </div>
      <Progress item={item} />
      {item.problem && <div className={styles.problem} role="alert">{item.problem}{item.problems.length > 0 && <ul>{item.problems.map((line) => <li key={line}>{line}</li>)}</ul>}</div>}
      {stage === "ask" && preview && <Questions item={item} preview={preview} kinds={kinds} />}
      {stage === "ready" && Object.keys(item.answers.mapping).length > 0 && <label className={styles.template}>{t("imports.keepMapping")}<Input size="small" value={name} maxLength={60} onChange={(event) => setName(event.target.value)} placeholder={t("imports.templateName")} /></label>}
      {open && canOpen && preview && stage === "ready" && <PreviewParts preview={preview} />}
      {!open && stage === "ready" && preview && preview.bad_rows.length > 0 && <p className={styles.remark}>{t("imports.someBad", { n: preview.bad_rows.length })}</p>}
    </article>
  );
}

function Understood({ item }: { item: Item }) {
  const { preview, stage } = item;
  if (stage === "refused") return <Pill tone="breached">{t(item.canRetry ? "imports.stage.cutOff" : "imports.stage.refused")}</Pill>;
  if (stage === "done") return <span className={styles.gave}>{t("imports.gave", { rows: item.rows.toLocaleString(), n: item.added.toLocaleString(), bad: item.bad.toLocaleString() })}</span>;
  if (!preview) return null;
  if (preview.kind === "") return <Pill tone="near">{t("imports.stage.ask")}</Pill>;
  return <span className={styles.kind}><Pill tone="accent">{tOr(`importKind.${preview.kind}`, preview.kind_zh)}</Pill><small className="quiet num">{preview.template_zh ? t("imports.byTemplate", { name: preview.template_zh }) : t("imports.sure", { n: sureness(preview) })}</small></span>;
}

function Progress({ item }: { item: Item }) {
  const { stage } = item;
  if (stage === "done" || stage === "refused" || stage === "ask" || stage === "ready") return null;
  const share = stage === "uploading" ? item.percent / 100 : item.share;
  const text = stage === "uploading" ? (item.percent < 100 ? t("imports.sending", { n: item.percent }) : t("imports.reading")) : stage === "queued" ? t("imports.queued") : t("imports.written", { n: item.rows });
  return (
    <div className={styles.progress} role="progressbar" aria-label={item.name} aria-valuemin={0} aria-valuemax={100} {...(share === null ? {} : { "aria-valuenow": Math.round(share * 100) })} aria-valuetext={text}>
      <i data-open={share === null || undefined} style={{ width: `${Math.round((share ?? 1) * 100)}%` }} />
      <small className="num">{text}</small>
    </div>
  );
}
