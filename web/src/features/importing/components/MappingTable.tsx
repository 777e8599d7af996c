import { Select } from "antd";
import { said, t } from "@/lib/i18n";
import { Rows } from "@/ui/Sheet";
import type { Kind, Preview } from "@/features/importing/api";

type Column = Preview["columns"][number];

interface Props {
  columns: readonly Column[];
  kind: Kind;
  mapping: Readonly<Record<string, string>>;
  onMap: (header: string, target: string, recognised: string) => void;
}

/** Which column holds what: the header, an example, the field. Fields that are needed are marked. */
export function MappingTable({ columns, kind, mapping, onMap }: Props) {
  const options = [{ value: "", label: t("imports.asItIs") }, ...kind.fields.map((field) => ({ value: field.target, label: `${said(field.name_zh)}${field.is_needed ? " *" : ""}` }))];
  return (
    <Rows rows={columns} keyOf={(column) => column.header}
      columns={[
        { name: t("imports.column"), value: (column) => <b>{column.header}</b> },
        { name: t("imports.example"), value: (column) => <span className="quiet">{column.example || "–"}</span> },
        {
          name: t("imports.field"),
          value: (column) => (
            <Select size="small" style={{ width: 190 }} showSearch={{ optionFilterProp: "label" }} aria-label={t("imports.fieldOf", { name: column.header })} value={mapping[column.header] ?? column.target} options={options} onChange={(target) => onMap(column.header, target, column.target)} />
          ),
        },
      ]} />
  );
}
