import { memo, useEffect, useRef, type ReactNode } from "react";
import { Dropdown, Input, type InputRef } from "antd";
import { Ellipsis, Search, X } from "lucide-react";
import { t } from "@/lib/i18n";
import type { Box } from "@/features/inbox/rows";
import styles from "@/features/inbox/components/pane.module.css";

const BOXES: readonly Box[] = ["mine", "unassigned", "open", "overdue"];
const MORE: readonly Box[] = ["waiting", "snoozed", "mentioned", "closed"];

interface Props {
  box: Box;
  counts: Readonly<Record<string, number>>;
  search: string;
  onBox: (box: Box) => void;
  onSearch: (search: string) => void;
  searchSignal: number;
  burn: ReactNode;
  /** Beside the search: what narrows the list. */
  tool: ReactNode;
  children: ReactNode;
}

/** The left pane of the desk: boxes, search, the burn line, the list. Its head is drawn anew only when it says something else. */
export function ListPane({ box, counts, search, onBox, onSearch, searchSignal, burn, tool, children }: Props) {
  return (
    <aside data-tour="list" className={styles.pane} aria-label={t("list.label")}>
      <div className={styles.search}>
        <SearchField search={search} onSearch={onSearch} signal={searchSignal} />
        {tool}
      </div>
      {!search && <Boxes box={box} counts={counts} onBox={onBox} />}
      {!search && <div data-tour="burn">{burn}</div>}
      {children}
    </aside>
  );
}

const SearchField = memo(function SearchField({ search, onSearch, signal }: { search: string; onSearch: (search: string) => void; signal: number }) {
  const field = useRef<InputRef>(null);
  useEffect(() => {
    if (signal > 0) field.current?.focus({ cursor: "all" });
  }, [signal]);
  return (
    <Input ref={field} value={search} onChange={(event) => onSearch(event.target.value)} prefix={<Search size={15} />} placeholder={t("list.searchPlaceholder")} variant="filled"
      aria-label={t("common.search")} onKeyDown={(event) => { if (event.key === "Escape") { onSearch(""); field.current?.blur(); } }}
      suffix={search ? <button type="button" className={styles.clear} aria-label={t("common.close")} onClick={() => onSearch("")}><X size={14} /></button> : <span />} />
  );
});

const Boxes = memo(function Boxes({ box, counts, onBox }: Pick<Props, "box" | "counts" | "onBox">) {
  return (
    <nav className={`${styles.boxes} scroll`} aria-label={t("list.label")}>
      {[...BOXES, ...(MORE.includes(box) ? [box] : [])].map((name) => {
        const count = counts[name] ?? 0;
        return (
          <button key={name} type="button" className={name === box ? styles.on : ""} aria-current={name === box || undefined} onClick={() => onBox(name)} data-tone={name === "overdue" && count > 0 ? "breached" : undefined}>
            {t(`box.${name}`)}{count > 0 && <b className="num">{count > 999 ? "999+" : count}</b>}
          </button>
        );
      })}
      <Dropdown menu={{ items: MORE.filter((name) => name !== box).map((name) => ({ key: name, label: <span>{t(`box.${name}`)} <span className="quiet num">{counts[name] || ""}</span></span> })), onClick: ({ key }) => onBox(key as Box) }} trigger={["click"]} placement="bottomRight">
        <button type="button" className={styles.more} aria-label={t("common.more")} data-dot={(counts["mentioned"] ?? 0) > 0 || undefined}><Ellipsis size={16} /></button>
      </Dropdown>
    </nav>
  );
});
