import { said, t } from "@/lib/i18n";
import { Part, Rows } from "@/ui/Sheet";
import type { Figure, Report } from "@/features/insight/api";
import { figureName, madeOf, shown } from "@/features/insight/model";
import { definitionOf, splitDefinition } from "@/features/insight/words";
import styles from "@/features/insight/insight.module.css";

/** The platform's own indicators, each under the version of its definition that was in force. */
export function PlatformTable({ report, onSee }: { report: Report; onSee: (key: string) => void }) {
  return (
    <Part title={t("insight.platformFigures")} hint={t("insight.platformHint")}>
      <Rows rows={report.platform_figures} keyOf={(row) => row.code}
        columns={[
          { name: t("insight.indicator"), value: (row) => <><b className={styles.name}>{figureName(row)}</b>{row.note_zh && <small className={styles.note}>{said(row.note_zh)}</small>}</> },
          { name: t("insight.ours"), value: (row) => <Value figure={row} onSee={onSee} />, narrow: true },
          { name: t("insight.theirs"), value: (row) => <span className="num">{shown(row.platform_value, row.unit)}</span>, narrow: true },
          { name: t("insight.sampleColumn"), value: (row) => <span className="num quiet">{madeOf(row)}</span> },
          { name: t("insight.definition"), value: (row) => <><b className={styles.version}>{said(splitDefinition(row.definition_zh).version)}</b><small className={styles.note}>{definitionOf(row)}</small></> },
        ]} />
    </Part>
  );
}

function Value({ figure, onSee }: { figure: Figure; onSee: (key: string) => void }) {
  const text = shown(figure.value, figure.unit);
  return figure.evidence ? <button type="button" className={`${styles.rowLink} num`} title={t("insight.see")} onClick={() => onSee(figure.evidence)}>{text}</button> : <span className="num">{text}</span>;
}
