import { said } from "@/lib/i18n";
export interface Counts {
  rows: number;
  added: number;
  overlapping: number;
  repeated: number;
  bad: number;
  span: readonly [number, number] | null;
  notes: readonly string[];
  sums: readonly { column: string; stated: number; added: number }[];
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** Returns what an import gave; one that did not end has given nothing. Only sums that do not agree are kept. */
export function countsOf(counts: Readonly<Record<string, unknown>>): Counts {
  const from = counts["from_ms"];
  const to = counts["to_ms"];
  const sums = Array.isArray(counts["check_sums"]) ? (counts["check_sums"] as Record<string, unknown>[]) : [];
  return {
    rows: number(counts["rows"]), added: number(counts["new"]), overlapping: number(counts["overlapping"]), repeated: number(counts["repeated"]), bad: number(counts["bad"]),
    span: typeof from === "number" && typeof to === "number" ? [from, to] : null,
    notes: texts(counts["notes_zh"]).map(said),
    sums: sums.map((sum) => ({ column: said(String(sum["column_zh"] ?? "")), stated: number(sum["stated"]), added: number(sum["added"]) })).filter((sum) => sum.stated !== sum.added),
  };
}
