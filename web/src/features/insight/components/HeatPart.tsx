import { useState, type KeyboardEvent } from "react";
import { Segmented } from "antd";
import { useQuery } from "@tanstack/react-query";
import { Flame } from "lucide-react";
import { t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { heatQuery, type HeatBy, type Span } from "@/features/insight/api";
import { busyHours, heatGrid, heatText, shade, type HeatMeasure } from "@/features/insight/model";
import type { Behind } from "@/features/insight/components/EvidenceDrawer";
import styles from "@/features/insight/heat.module.css";

const BY: readonly HeatBy[] = ["weekday", "agent", "group", "product"];
const MEASURES: readonly HeatMeasure[] = ["turns", "average_s", "missed", "late"];

/** When it burns, and for whom. Every cell opens its rounds; arrows move from cell to cell. */
export function HeatPart({ span, onSee }: { span: Span; onSee: (behind: Behind) => void }) {
  const [by, setBy] = useState<HeatBy>("weekday");
  const [measure, setMeasure] = useState<HeatMeasure>("average_s");
  const heat = useQuery(heatQuery(span, by));
  return (
    <section className={styles.part}>
      <div className={styles.choices}>
        <Segmented value={by} onChange={setBy} options={BY.map((value) => ({ value, label: t(`heat.by.${value}`) }))} />
        <Segmented value={measure} onChange={setMeasure} options={MEASURES.map((value) => ({ value, label: t(`heat.measure.${value}`) }))} />
      </div>
      <p className="quiet">{t(`heat.hint.${measure}`)} {t("heat.keys")}</p>
      {heat.isPending ? <LoadingRows rows={7} height={30} /> : heat.isError ? <ErrorState error={heat.error} onRetry={() => void heat.refetch()} /> : heat.data.rows.length === 0 ? <EmptyState icon={<Flame />} title={t("heat.none")} hint={t(`heat.none.${by}`)} /> : <Grid data={heat.data} measure={measure} onCell={(key, name, hour) => onSee({ title: `${name}${hour === null ? "" : ` ${String(hour).padStart(2, "0")}:00`}`, span, by, key, hour })} />}
    </section>
  );
}

interface GridProps {
  data: Parameters<typeof heatGrid>[0];
  measure: HeatMeasure;
  onCell: (key: string, name: string, hour: number | null) => void;
}

function Grid({ data, measure, onCell }: GridProps) {
  const { rows, top } = heatGrid(data, measure);
  const hours = busyHours(rows);
  const move = (event: KeyboardEvent<HTMLTableElement>) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = (event.target as HTMLElement).closest("td, th");
    const row = cell?.parentElement as HTMLTableRowElement | null;
    if (!step || !(cell instanceof HTMLTableCellElement) || !row) return;
    const next = event.currentTarget.rows[row.rowIndex + (step[0] ?? 0)]?.cells[cell.cellIndex + (step[1] ?? 0)]?.querySelector("button");
    if (next) { event.preventDefault(); next.focus(); }
  };
  return (
    <div className={`${styles.box} scroll`}>
      <table className={styles.grid} onKeyDown={move}>
        <thead><tr><th scope="col"><span className="sr">{t(`heat.by.${data.by as HeatBy}`)}</span></th>{hours.map((hour) => <th key={hour} scope="col" className="num">{hour}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={row.key}>
              <th scope="row"><button type="button" className="clip" title={row.name} onClick={() => onCell(row.key, row.name, null)}>{row.name}</button></th>
              {hours.map((hour, n) => {
                const cell = row.cells[hour];
                if (!cell || cell.turns === 0) return <td key={hour} />;
                const share = shade(cell.value, top);
                return <td key={hour}><button type="button" className="num" tabIndex={r === 0 && n === 0 ? 0 : -1} data-measure={measure} style={{ "--share": share.toFixed(3) } as React.CSSProperties} aria-label={t("heat.cell", { name: row.name, hour, value: heatText(cell.value, measure), measure: t(`heat.measure.${measure}`), n: cell.turns })} onClick={() => onCell(row.key, row.name, hour)}>{heatText(cell.value, measure)}</button></td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
