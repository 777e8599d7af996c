import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Rows, Sheet } from "@/ui/Sheet";
import { policiesQuery } from "@/features/settings/policies/api";
import { PolicyDetail } from "@/features/settings/policies/PolicyDetail";

/** Targets, warnings, definitions: dated rows with an author. Every change can be seen and undone. */
export default function PoliciesPage() {
  const policies = useQuery(policiesQuery);
  const [open, setOpen] = useState<string | null>(null);
  if (policies.isPending) return <LoadingRows />;
  if (policies.isError) return <ErrorState error={policies.error} onRetry={() => void policies.refetch()} />;
  return (
    <Sheet title={t("settings.policies")} hint={t("policies.hint")}>
      <Rows rows={policies.data.filter((row) => row.kind !== "quick_replies")} keyOf={(row) => row.kind} openKey={open} onOpen={(row) => setOpen(open === row.kind ? null : row.kind)}
        columns={[
          { name: t("policies.kind"), value: (row) => <b style={{ whiteSpace: "nowrap" }}>{tOr(`policy.${row.kind}`, row.title_zh)}</b> },
          { name: t("policies.gist"), value: (row) => <span className="quiet">{tOr(`policyHint.${row.kind}`, "")}</span> },
          { name: t("policies.version"), value: (row) => (row.current.version === 0 ? <Pill>{t("policies.default")}</Pill> : <Pill tone="accent">v{row.current.version}</Pill>), narrow: true },
          { name: t("policies.since"), value: (row) => <span className="num quiet">{row.current.effective_from ? fullTime(row.current.effective_from) : "–"}</span>, narrow: true },
          { name: t("policies.author"), value: (row) => (row.current.version === 0 ? t("policies.byDefault") : said(row.current.author)), narrow: true },
        ]}
        detail={(row) => <PolicyDetail summary={row} />} />
    </Sheet>
  );
}
