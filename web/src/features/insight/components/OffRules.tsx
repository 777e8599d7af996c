import { App, Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { dayKey } from "@/lib/format";
import { nowMs } from "@/lib/clock";
import { t, tOr } from "@/lib/i18n";
import { Part, Rows } from "@/ui/Sheet";
import { policiesQuery, setRuleSettings } from "@/features/insight/api";
import { settingsInForce } from "@/features/insight/settings";

/** Rules that this shop has switched off, with who and why; each can be switched on again. */
export function OffRules({ canManage }: { canManage: boolean }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const policies = useQuery(policiesQuery);
  const today = dayKey(nowMs());
  const found = settingsInForce(policies.data ?? [], today);
  const off = Object.keys(found.value).filter((rule) => found.value[rule]?.["off"] === true);
  if (off.length === 0) return null;
  const restore = (rule: string) => {
    const { off: _, ...own } = found.value[rule] ?? {};
    void setRuleSettings(today, { ...found.value, [rule]: own }, t("diagnosis.restored")).then(() => client.invalidateQueries({ queryKey: ["insight"] }), (error: Error) => void message.error(error.message));
  };
  return (
    <Part title={t("diagnosis.off")}>
      <Rows rows={off} keyOf={(rule) => rule}
        columns={[
          { name: t("policies.kind"), value: (rule) => <b>{tOr(`rule.${rule}`, rule)}</b> },
          { name: t("common.reason"), value: () => <span className="quiet">{found.reason || "–"} · {found.by}</span> },
          { name: "", value: (rule) => canManage && <Button size="small" onClick={() => restore(rule)}>{t("diagnosis.on")}</Button>, narrow: true },
        ]} />
    </Part>
  );
}
