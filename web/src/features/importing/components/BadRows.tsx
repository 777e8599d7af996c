import { said, t } from "@/lib/i18n";
import { Rows } from "@/ui/Sheet";
import type { Preview } from "@/features/importing/api";

/** Rows that cannot be read: which row, which column, why, what stands there. */
export function BadRows({ rows }: { rows: Preview["bad_rows"] }) {
  return (
    <Rows rows={rows} keyOf={(row) => `${row.row_no}${row.column_zh}`}
      columns={[
        { name: t("imports.rowNo"), value: (row) => <span className="num">{row.row_no}</span>, narrow: true },
        { name: t("imports.column"), value: (row) => <b>{said(row.column_zh)}</b>, narrow: true },
        { name: t("imports.why"), value: (row) => said(row.reason_zh) },
        { name: t("imports.value"), value: (row) => <code>{row.value || "–"}</code> },
      ]} />
  );
}
