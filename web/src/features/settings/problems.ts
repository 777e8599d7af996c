import { said, t } from "@/lib/i18n";
import { fieldName } from "@/features/settings/fieldName";

type Problem = string | { path?: string; message?: string };

/** Returns what the server says is wrong with a setting, each with the names of the fields it is about; "" when it says nothing. */
export function problemsOf(error: unknown): string {
  const detail = (error as { body?: { detail?: { problems?: readonly Problem[] } } }).body?.detail;
  const found = (detail?.problems ?? []).slice(0, 4);
  return found.map((one) => (typeof one === "string" ? said(one) : [placeOf(one.path ?? ""), said(one.message ?? "")].filter(Boolean).join(": "))).join(t("common.semicolon"));
}

/** Returns `periods.2.target_s` as people read it: the names of the fields, rows counted from one. */
export function placeOf(path: string): string {
  return path.split(".").filter(Boolean).map((step) => (/^\d+$/.test(step) ? `#${Number(step) + 1}` : fieldName(step))).join(" › ");
}
