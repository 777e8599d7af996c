import { t } from "@/lib/i18n";
import { fieldName } from "@/features/settings/fieldName";
import { differences } from "@/features/settings/diff";
import { Rows } from "@/ui/Sheet";

/** What differs between two values, in words. */
export function DiffTable({ before, after }: { before: unknown; after: unknown }) {
  const found = differences(before, after);
  if (found.length === 0) return <p className="quiet">{t("diff.none")}</p>;
  return (
    <Rows rows={found} keyOf={(row) => row.path}
      columns={[
        { name: t("diff.field"), value: (row) => row.path.split(".").map((key) => (/^\d+$/.test(key) ? t("diff.item", { n: Number(key) + 1 }) : fieldName(key))).join(" › ") },
        { name: t("diff.before"), value: (row) => <code>{row.before}</code> },
        { name: t("diff.after"), value: (row) => <b>{row.after}</b> },
      ]} />
  );
}
