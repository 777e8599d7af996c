import { Tabs } from "antd";
import { said, t } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import { Rows } from "@/ui/Sheet";
import type { Preview } from "@/features/importing/api";
import { BadRows } from "@/features/importing/components/BadRows";
import { sampleTable } from "@/features/importing/sample";
import styles from "@/features/importing/importing.module.css";

/** What would be written: columns as understood, the first rows, those that cannot be read, remarks. */
export function PreviewParts({ preview }: { preview: Preview }) {
  const sample = sampleTable(preview.sample, Object.fromEntries(preview.columns.filter((column) => column.target).map((column) => [column.target, said(column.understood_zh)])));
  const tabs = [
    { key: "sample", label: t("imports.sample"), children: <div className={styles.wideTable}><Rows rows={sample.rows} keyOf={(row) => sample.rows.indexOf(row)} columns={sample.columns.map((name, n) => ({ name, value: (row: readonly string[]) => <span className={styles.cell} title={row[n]}>{row[n]}</span> }))} /></div> },
    { key: "columns", label: t("imports.columns", { n: preview.columns.length, unknown: preview.unknown.length }), children: <Columns preview={preview} /> },
    ...(preview.bad_rows.length > 0 ? [{ key: "bad", label: t("imports.badRows"), children: <BadRows rows={preview.bad_rows} /> }] : []),
  ];
  return (
    <div className={styles.preview}>
      {preview.notes_zh.length > 0 && <ul className={styles.notes}>{preview.notes_zh.map((note) => <li key={note}>{said(note)}</li>)}</ul>}
      <Tabs size="small" items={tabs.filter((tab) => tab.key !== "sample" || sample.rows.length > 0)} />
    </div>
  );
}

function Columns({ preview }: { preview: Preview }) {
  if (preview.columns.length === 0) return <p className="quiet">{t("imports.noColumns")}</p>;
  return (
    <Rows rows={preview.columns} keyOf={(column) => column.header}
      columns={[
        { name: t("imports.column"), value: (column) => <b>{column.header}</b> },
        { name: t("imports.field"), value: (column) => (column.target ? said(column.understood_zh) : <Pill>{said(column.understood_zh)}</Pill>) },
        { name: t("imports.type"), value: (column) => <span className="quiet">{said(column.type_zh)}</span>, narrow: true },
        { name: t("imports.example"), value: (column) => <span className="quiet">{column.example || "–"}</span> },
      ]} />
  );
}
