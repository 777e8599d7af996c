import styles from "@/ui/spark.module.css";

interface BarsProps {
  values: readonly number[];
  marks: readonly string[];
  label: string;
  loud?: (value: number, n: number) => boolean;
}

/** Small bars, one for each value, drawn without a chart library: a phone has them at once. */
export function Bars({ values, marks, label, loud }: BarsProps) {
  const top = Math.max(1, ...values);
  return (
    <figure className={styles.bars} role="img" aria-label={label}>
      {values.map((value, n) => <span key={n} style={{ gridColumn: n + 1 }}><i data-loud={loud?.(value, n) || undefined} data-none={value === 0 || undefined} style={{ height: `${(value / top) * 100}%` }} /></span>)}
      {marks.map((mark, n) => mark && <small key={`m${n}`} className="num" style={{ gridColumn: n + 1 }} aria-hidden>{mark}</small>)}
    </figure>
  );
}

interface LineProps {
  values: readonly (number | null)[];
  target: number | null;
  label: string;
}

const W = 300;
const H = 56;

/** A small line with the target as a dashed one. Gaps stay gaps. */
export function Line({ values, target, label }: LineProps) {
  const known = [...values, target].filter((value): value is number => value !== null);
  const top = Math.max(1, ...known) * 1.1;
  const x = (n: number) => (values.length < 2 ? W / 2 : 6 + (n / (values.length - 1)) * (W - 12));
  const y = (value: number) => H - 4 - (value / top) * (H - 8);
  const path = values.map((value, n) => (value === null ? "" : `${n === 0 || values[n - 1] === null ? "M" : "L"}${x(n).toFixed(1)} ${y(value).toFixed(1)}`)).join("");
  return (
    <svg className={styles.line} viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {target !== null && <line x1="0" x2={W} y1={y(target)} y2={y(target)} className={styles.target} />}
      <path d={path} />
      {values.map((value, n) => value !== null && <circle key={n} cx={x(n)} cy={y(value)} r="3" data-late={(target !== null && value > target) || undefined} />)}
    </svg>
  );
}
