import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { t } from "@/lib/i18n";
import { addLabel, labelsQuery, removeLabel } from "@/features/inbox/api";
import { inboxKeys, type Opened } from "@/features/inbox/live";
import type { Row } from "@/features/inbox/rows";
import styles from "@/features/inbox/components/pane.module.css";

/** The labels of the shop; a click puts one on the chat or takes it off. */
export function LabelMenu({ row }: { row: Row }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const labels = useQuery(labelsQuery);
  const on = new Set(row.label_ids ?? []);
  const toggle = async (id: number) => {
    const ids = on.has(id) ? [...on].filter((one) => one !== id) : [...on, id];
    const put = (label_ids: number[]) => client.setQueryData<Opened>(inboxKeys.opened(row.id), (old) => old && { ...old, row: { ...old.row, label_ids } });
    put(ids);
    await (on.has(id) ? removeLabel(row.id, id) : addLabel(row.id, id)).catch((error: Error) => {
      put([...on]);
      void message.error(error.message);
    });
  };
  if (labels.data?.length === 0) return <p className="quiet">{t("act.noLabels")}</p>;
  return (
    <div className={styles.labels} role="group" aria-label={t("act.label")}>
      {(labels.data ?? []).map((label, n) => (
        <button key={label.id} type="button" role="checkbox" aria-checked={on.has(label.id)} autoFocus={n === 0} onClick={() => void toggle(label.id)}>
          <i style={{ background: label.color }} />{label.name_zh}{on.has(label.id) && <Check size={14} />}
        </button>
      ))}
    </div>
  );
}
