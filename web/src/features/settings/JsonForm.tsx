import { Button, Input, InputNumber, Select, Switch } from "antd";
import { Copy, Trash2 } from "lucide-react";
import { duration } from "@/lib/format";
import { t, tOr, type TextKey } from "@/lib/i18n";
import { blankOf, choicesOf } from "@/features/settings/choices";
import { fieldName } from "@/features/settings/fieldName";
import { IconButton } from "@/ui/IconButton";
import styles from "@/features/settings/json.module.css";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Props {
  value: unknown;
  onChange: (value: Json) => void;
  /** The name of the field that this value is of; empty at the top. */
  field?: string;
  disabled?: boolean;
  /** What numbers count where their own name does not say it: "_s" below `boosts_s`. */
  unit?: string;
}

const UNITS: Readonly<Record<string, TextKey>> = { _s: "common.seconds", _days: "common.days", _count: "common.pieces", _min: "common.people", _max: "common.people" };

/** Returns the unit that a field's name ends in, `_s` of `target_s`; "" when it names none. */
export function unitOf(field: string): string {
  return /_(?:s|days|count|min|max|ratio)$/.exec(field)?.[0] ?? "";
}

/** A form for any value of a policy: numbers, words, switches, lists of them, lists of objects. Its shape stays. */
export function JsonForm({ value, onChange, field = "", disabled = false, unit = "" }: Props) {
  if (Array.isArray(value)) return <ListForm items={value as Json[]} onChange={onChange} field={field} disabled={disabled} />;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Record<string, Json>);
    if (entries.length === 0) return <span className="quiet">{t("common.none")}</span>;
    return (
      <div className={styles.fields}>
        {entries.map(([key, inner]) => {
          const nested = typeof inner === "object" && inner !== null;
          const change = (fresh: Json) => onChange({ ...(value as Record<string, Json>), [key]: fresh });
          return nested ? (
            <fieldset key={key} className={styles.nested}><legend>{fieldName(key)}</legend><JsonForm value={inner} onChange={change} field={key} disabled={disabled} unit={unitOf(key)} /></fieldset>
          ) : (
            <label key={key} className={styles.field}><span>{fieldName(key)}</span><JsonForm value={inner} onChange={change} field={field === "entry_groups" ? "default_group" : key} disabled={disabled} unit={unit} /></label>
          );
        })}
      </div>
    );
  }
  return <Leaf value={value as Json} onChange={onChange} field={field} disabled={disabled} unit={unitOf(field) || unit} />;
}

function Leaf({ value, onChange, field, disabled, unit }: { value: Json; onChange: (value: Json) => void; field: string; disabled: boolean; unit: string }) {
  const name = fieldName(field);
  const choices = typeof value === "string" ? choicesOf(field, value) : null;
  if (choices && typeof value === "string") {
    const options = (choices.includes(value) ? choices : [value, ...choices]).map((one) => ({ value: one, label: tOr(`choice.${field}.${one}`, tOr(`choice.${one}`, one)) }));
    return <Select size="small" value={value} options={options} onChange={onChange} disabled={disabled} style={{ minWidth: 150 }} aria-label={name} />;
  }
  if (typeof value === "boolean") return <Switch size="small" checked={value} onChange={onChange} disabled={disabled} aria-label={name} />;
  if (typeof value === "number" || (value === null && unit !== "")) {
    const word = UNITS[unit];
    return (
      <>
        <InputNumber size="small" value={value as number | null} step={unit === "_ratio" || (typeof value === "number" && Math.abs(value) < 1) ? 0.05 : 1} onChange={(fresh) => onChange(fresh)} disabled={disabled} suffix={word && t(word)} aria-label={name} style={{ width: word ? 112 : 88 }} />
        {unit === "_s" && typeof value === "number" && value >= 120 && <small>= {duration(value)}</small>}
      </>
    );
  }
  return <Input size="small" value={(value as string | null) ?? ""} onChange={(event) => onChange(event.target.value)} disabled={disabled} aria-label={name} style={{ width: /^(from|to|window_from|window_to)$/.test(field) ? 84 : field === "name_zh" ? 130 : 220 }} />;
}

function ListForm({ items, onChange, field, disabled }: { items: Json[]; onChange: (value: Json) => void; field: string; disabled: boolean }) {
  const blank = items.length === 0 ? blankOf(field) : structuredClone(items[items.length - 1]!);
  const plain = items.every((item) => typeof item !== "object" || item === null);
  if (plain && !(blank !== null && typeof blank === "object")) {
    const numbers = items.length > 0 && items.every((item) => typeof item === "number");
    return <Select mode="tags" size="small" value={items.map(String)} open={false} suffixIcon={null} disabled={disabled} style={{ minWidth: 200 }} aria-label={fieldName(field)} onChange={(fresh: string[]) => onChange(numbers ? fresh.map(Number).filter(Number.isFinite) : fresh)} />;
  }
  const put = (n: number, fresh: Json) => onChange(items.map((item, at) => (at === n ? fresh : item)));
  return (
    <ol className={styles.items}>
      {items.map((item, n) => (
        <li key={n}>
          <JsonForm value={item} onChange={(fresh) => put(n, fresh)} field={field} disabled={disabled} />
          {!disabled && (
            <div className={styles.tools}>
              <IconButton label={t("json.copy")} icon={<Copy />} onClick={() => onChange([...items.slice(0, n + 1), structuredClone(item), ...items.slice(n + 1)])} />
              <IconButton label={t("common.delete")} icon={<Trash2 />} danger onClick={() => onChange(items.filter((_, at) => at !== n))} />
            </div>
          )}
        </li>
      ))}
      {items.length === 0 && <li className="quiet">{t("common.none")}</li>}
      {!disabled && blank !== null && <Button size="small" onClick={() => onChange([...items, blank as Json])}>{t("common.add")}</Button>}
    </ol>
  );
}
