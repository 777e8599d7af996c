import { App, Button } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import type { Got } from "@/api/client";
import { fullTime } from "@/lib/format";
import { said, t } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import { undoPolicy, type PolicyVersion } from "@/features/settings/policies/api";
import styles from "@/features/settings/form.module.css";

/** Every version of a policy, newest first: when it counts, who made it and why; any of them can be restored. */
export function History({ kind, policy, onDone }: { kind: string; policy: Got<"/api/policies/{kind}">; onDone: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const undo = (to: PolicyVersion) => void undoPolicy(kind, policy.version, to.version).then(
    async () => { await client.invalidateQueries({ queryKey: ["settings", "policies"] }); void message.success(t("common.saved")); onDone(); },
    (error: Error) => message.error(error.message),
  );
  return (
    <ul className={styles.history}>
      {policy.history.map((one) => (
        <li key={one.version}>
          <Pill tone={one.version === policy.current.version ? "accent" : "plain"}>{one.version === 0 ? t("policies.default") : `v${one.version}`}</Pill>
          <span className="num quiet">{one.effective_from ? fullTime(one.effective_from) : t("policies.always")}</span>
          <span>{[one.version === 0 ? t("policies.byDefault") : said(one.author), said(one.reason)].filter(Boolean).join(" · ")}{one.undoes_version === null ? "" : ` ${t("policies.undid", { n: one.undoes_version })}`}</span>
          {one.version !== policy.current.version && <Button size="small" onClick={() => undo(one)}>{t("policies.restore")}</Button>}
        </li>
      ))}
    </ul>
  );
}
