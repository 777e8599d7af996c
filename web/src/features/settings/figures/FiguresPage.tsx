import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { said, t, tOr } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Rows, Sheet } from "@/ui/Sheet";
import { figuresQuery, type InForce } from "@/features/settings/figures/api";
import { FigureDetail } from "@/features/settings/figures/FigureDetail";

/** Returns the name of a kind: `round_rules.tmall` is the rounds of a platform. */
function nameOf(kind: string): string {
  const [family = "", platform] = kind.split(".");
  const name = tOr(`figures.kind.${family}`, family);
  return platform ? `${name} · ${tOr(`platform.${platform}`, platform)}` : name;
}

/** How figures are counted and judged: targets, thresholds, credit, exempt days, definitions. Dated rows, each with an author. */
export default function FiguresPage() {
  const policies = useQuery(figuresQuery);
  const [open, setOpen] = useState<string | null>(null);
  if (policies.isPending) return <LoadingRows />;
  if (policies.isError) return <ErrorState error={policies.error} onRetry={() => void policies.refetch()} />;
  const hintOf = (row: InForce) => tOr(`figures.hint.${row.kind.split(".")[0]}`, "");
  return (
    <Sheet title={t("settings.figures")} hint={t("figures.hint")}>
      <Rows rows={policies.data.in_force} keyOf={(row) => row.kind} openKey={open} onOpen={(row) => setOpen(open === row.kind ? null : row.kind)}
        columns={[
          { name: t("policies.kind"), value: (row) => <b style={{ whiteSpace: "nowrap" }}>{nameOf(row.kind)}</b> },
          { name: t("policies.gist"), value: (row) => <span className="quiet">{hintOf(row)}</span> },
          { name: t("policies.since"), value: (row) => (row.effective_from ? <span className="num">{row.effective_from}</span> : <Pill>{t("policies.default")}</Pill>), narrow: true },
          { name: t("policies.author"), value: (row) => (row.effective_from ? said(row.set_by) : t("policies.byDefault")), narrow: true },
        ]}
        detail={(row) => <FigureDetail key={row.kind} held={row} history={policies.data.items.filter((one) => one.kind === row.kind)} />} />
    </Sheet>
  );
}
