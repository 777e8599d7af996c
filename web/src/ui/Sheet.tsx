import { useEffect, useRef, useState, type ReactNode } from "react";
import styles from "@/ui/sheet.module.css";

interface SheetProps {
  title: string;
  hint?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of settings: its name, what it is for, what can be done, the content. */
export function Sheet({ title, hint, actions, children }: SheetProps) {
  return (
    <article className={styles.sheet}>
      <header className={styles.head}>
        <div><h1>{title}</h1>{hint && <p>{hint}</p>}</div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </article>
  );
}

/** A part of such a page under its own name. */
export function Part({ title, hint, actions, children }: SheetProps) {
  return (
    <section className={styles.part}>
      <header className={styles.partHead}><div><h2>{title}</h2>{hint && <p>{hint}</p>}</div>{actions && <div className={styles.actions}>{actions}</div>}</header>
      {children}
    </section>
  );
}

export interface Column<T> {
  name: string;
  value: (row: T) => ReactNode;
  narrow?: boolean;
}

interface RowsProps<T> {
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (row: T) => string | number;
  onOpen?: (row: T) => void;
  openKey?: string | number | null;
  detail?: (row: T) => ReactNode;
}

/** Tells whether a box scrolls sideways: then the keyboard must reach it. */
function useOverflow(box: React.RefObject<HTMLDivElement | null>): boolean {
  const [isWide, setWide] = useState(false);
  useEffect(() => {
    const found = box.current;
    if (!found) return undefined;
    const watch = new ResizeObserver(() => setWide(found.scrollWidth > found.clientWidth + 1));
    watch.observe(found);
    return () => watch.disconnect();
  }, [box]);
  return isWide;
}

/** A plain table; on a phone each row is a card that names its values. With `onOpen` a click on a row opens it; `detail` shows it below its row. */
export function Rows<T>({ rows, columns, keyOf, onOpen, openKey = null, detail }: RowsProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const isWide = useOverflow(box);
  return (
    <div ref={box} className={styles.tableBox} {...(isWide ? { tabIndex: 0, role: "region", "aria-label": columns.map((column) => column.name).filter(Boolean).join(", ") } : {})}>
      <table className={styles.table} role="table">
        <thead role="rowgroup"><tr role="row">{columns.map((column, n) => <th key={n} scope="col" role="columnheader">{column.name}</th>)}</tr></thead>
        <tbody role="rowgroup">
          {rows.map((row) => {
            const key = keyOf(row);
            return [
              <tr key={key} role="row" data-open={key === openKey || undefined} className={onOpen ? styles.clickable : ""} onClick={onOpen && ((event) => { if (!(event.target as HTMLElement).closest("button, a, input")) onOpen(row); })}>
                {columns.map((column, n) => <td key={n} role="cell" data-name={column.name} className={column.narrow ? styles.narrow : ""}>{column.value(row)}</td>)}
              </tr>,
              detail && key === openKey ? <tr key={`${key}-detail`} role="row" className={styles.detail}><td role="cell" colSpan={columns.length}>{detail(row)}</td></tr> : null,
            ];
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A name and its value, in two columns. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return <dl className={styles.facts}>{items.map(([name, value]) => [<dt key={`${name}-t`}>{name}</dt>, <dd key={`${name}-d`}>{value}</dd>])}</dl>;
}
