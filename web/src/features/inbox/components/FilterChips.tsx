import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { t } from "@/lib/i18n";
import type { ListFilter } from "@/features/inbox/rows";
import { isNarrow, viewOf, viewsQuery, type Narrowing } from "@/features/inbox/views";
import type { Choices } from "@/features/inbox/components/ViewMenu";
import styles from "@/features/inbox/components/views.module.css";

const NAMES = ["channel", "group_id", "agent_id", "label_id", "entry"] as const;

/** Below the boxes: by what the list is narrowed, so that nobody takes a part for the whole. */
export function FilterChips({ filter, choices, onFilter }: { filter: ListFilter; choices: Choices; onFilter: (filter: ListFilter) => void }) {
  const views = useQuery(viewsQuery);
  if (!isNarrow(filter)) return null;
  const view = viewOf(views.data ?? [], filter);
  const without = (name: keyof Narrowing) => { const { [name]: _, ...rest } = filter; onFilter(rest); };
  const shown = NAMES.filter((name) => filter[name] !== undefined);
  return (
    <div className={styles.chips} role="status">
      {view && <b className="clip">{view.name_zh}</b>}
      {shown.map((name) => {
        const label = choices[name].find((choice) => choice.value === filter[name])?.label ?? String(filter[name]);
        return <span key={name} className={styles.chip}><span className="clip">{label}</span><button type="button" aria-label={t("views.without", { name: label })} onClick={() => without(name)}><X size={12} /></button></span>;
      })}
      <button type="button" className={styles.clear} onClick={() => onFilter({ box: filter.box })}>{t("views.clear")}</button>
    </div>
  );
}
