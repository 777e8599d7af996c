import { useState } from "react";
import { App, Button, DatePicker, Input } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { nowMs } from "@/lib/clock";
import { dayKey, fullTime } from "@/lib/format";
import { said, t } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import { DiffTable } from "@/features/settings/DiffTable";
import { JsonForm } from "@/features/settings/JsonForm";
import { setFigures, type InForce, type Stored } from "@/features/settings/figures/api";
import { problemsOf } from "@/features/settings/problems";
import styles from "@/features/settings/form.module.css";

/** One kind: its value to edit, from which day the change counts and why, what differs, every version that was. */
export function FigureDetail({ held, history }: { held: InForce; history: readonly Stored[] }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [edited, setEdited] = useState<Record<string, unknown> | null>(null);
  const [from, setFrom] = useState("");
  const [reason, setReason] = useState("");
  const save = (value: Record<string, unknown>, why: string, day: string) => void setFigures(held.kind, { effective_from: day || dayKey(nowMs()), value, reason: why }).then(
    async () => { setEdited(null); setReason(""); await client.invalidateQueries({ queryKey: ["insight"] }); void message.success(t("common.saved")); },
    (error: Error) => message.error([error.message, problemsOf(error)].filter(Boolean).join(" ")),
  );
  return (
    <div className={styles.wide}>
      <JsonForm value={edited ?? held.value} onChange={(fresh) => setEdited(fresh as Record<string, unknown>)} />
      {edited && (
        <>
          <DiffTable before={held.value} after={edited} />
          <div className={styles.line}>
            <Input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t("policies.why")} maxLength={200} style={{ width: 260 }} />
            <DatePicker placeholder={t("figures.today")} onChange={(_, day) => setFrom(typeof day === "string" ? day : "")} />
            <Button type="primary" onClick={() => save(edited, reason, from)}>{t("common.save")}</Button>
            <Button onClick={() => setEdited(null)}>{t("common.cancel")}</Button>
          </div>
        </>
      )}
      <ul className={styles.history}>
        {history.map((one) => (
          <li key={one.effective_from}>
            <Pill tone={one.effective_from === held.effective_from ? "accent" : "plain"}>{one.effective_from}</Pill>
            <span className="num quiet">{fullTime(one.set_at)}</span>
            <span>{[said(one.set_by), said(one.reason)].filter(Boolean).join(" · ")}</span>
            {one.effective_from !== held.effective_from && <Button size="small" onClick={() => save(one.value, t("figures.backTo", { day: one.effective_from }), "")}>{t("policies.restore")}</Button>}
          </li>
        ))}
        <li>
          <Pill tone={held.effective_from === "" ? "accent" : "plain"}>{t("policies.default")}</Pill><span className="num quiet">{t("policies.always")}</span><span>{t("policies.byDefault")}</span>
          {held.effective_from !== "" && <Button size="small" onClick={() => save({}, t("figures.backToDefault"), "")}>{t("policies.restore")}</Button>}
        </li>
      </ul>
    </div>
  );
}
