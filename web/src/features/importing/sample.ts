import { fullTime, yuan } from "@/lib/format";

export interface SampleTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

const HIDDEN = new Set(["extra", "digest", "marks", "seq"]);

/** Returns sample rows as a table: fields that any row has, times and money as people read them. `names`: field to title. */
export function sampleTable(sample: readonly Readonly<Record<string, unknown>>[], names: Readonly<Record<string, string>> = {}): SampleTable {
  const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))].filter((name) => !HIDDEN.has(name));
  return { columns: columns.map((name) => names[name] ?? name.replace(/_(ms|fen)$/, "")), rows: sample.map((row) => columns.map((name) => cellText(name, row[name]))) };
}

/** Returns one value by the unit in its name. */
export function cellText(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (name.endsWith("_ms") && typeof value === "number") return fullTime(value);
  if (name.endsWith("_fen") && typeof value === "number") return yuan(value);
  return String(value);
}
