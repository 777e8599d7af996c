import { App, Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { Part, Rows } from "@/ui/Sheet";
import { forgetTemplate, templatesQuery } from "@/features/importing/api";

/** Mappings that were kept: files with these headers are recognised by themselves. */
export function Templates() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const kept = useQuery(templatesQuery);
  if (!kept.data || kept.data.length === 0) return null;
  const forget = (signature: string) => void forgetTemplate(signature).then(() => client.invalidateQueries({ queryKey: templatesQuery.queryKey }), (error: Error) => void message.error(error.message));
  return (
    <Part title={t("imports.templates")} hint={t("imports.templatesHint")}>
      <Rows rows={kept.data} keyOf={(row) => row.signature}
        columns={[
          { name: t("people.name"), value: (row) => <b>{row.name_zh}</b> },
          { name: t("imports.kind"), value: (row) => tOr(`importKind.${row.kind}`, row.kind) },
          { name: t("imports.columnsCount"), value: (row) => <span className="num">{Object.keys(row.mapping).length}</span>, narrow: true },
          { name: t("imports.keptBy"), value: (row) => <span className="quiet">{row.saved_by} · {fullTime(row.saved_at)}</span> },
          { name: "", value: (row) => <Button size="small" type="text" onClick={() => forget(row.signature)}>{t("common.delete")}</Button>, narrow: true },
        ]} />
    </Part>
  );
}
