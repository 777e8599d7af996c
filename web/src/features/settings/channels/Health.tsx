import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import { accountQuery, type Account } from "@/features/settings/channels/api";
import { openSilence } from "@/features/settings/channels/silence";
import styles from "@/features/settings/form.module.css";

const silencesQuery = queryOptions({ queryKey: ["settings", "silences"] as const, queryFn: async () => (await ask(api.GET("/api/silences"))).items, refetchInterval: 60_000 });

/** How an account fares: what its last test said, and whether its platform has fallen silent. */
export function Health({ account }: { account: Account }) {
  const detail = useQuery(accountQuery(account.id));
  const silences = useQuery(silencesQuery);
  const silent = openSilence(silences.data ?? [], account.id);
  const last = detail.data?.checks[0];
  if (account.state === "revoked") return null;
  return (
    <span className={styles.line}>
      {silent && <strong className={styles.silent}>{t("channels.silent", { time: fullTime(silent.since) })}</strong>}
      {last && <small className="quiet num">{fullTime(last.at)}</small>}
      {last ? <Pill tone={last.result === "ok" ? "good" : "near"} title={said(last.message_zh)}>{tOr(`channels.result.${last.result}`, last.result)}</Pill> :  detail.data && <span className="quiet">{t("channels.untested")}</span>}
    </span>
  );
}
