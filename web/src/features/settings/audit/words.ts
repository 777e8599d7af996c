import { said, t, tOr } from "@/lib/i18n";
import type { Got } from "@/api/client";

type Row = Got<"/api/audit">["items"][number];

/** Returns who did it: a person's name, or the system with the job that it ran. */
export function whoOf(row: Pick<Row, "actor_kind" | "actor_name">): string {
  if (row.actor_kind === "user") return said(row.actor_name) || t("audit.kind.user");
  const kind = tOr(`audit.kind.${row.actor_kind}`, row.actor_kind);
  const job = tOr(`job.${row.actor_name}`, "");
  return job ? `${kind} · ${job}` : kind;
}

/** Returns what it was about in words: `user:12` is a person with a name, `import:12` an import by the end of its number. */
export function aboutOf(row: Pick<Row, "subject" | "action">, names: ReadonlyMap<number, string>): string {
  const [given = "", ...rest] = row.subject.split(":");
  const id = rest.length > 0 ? rest.join(":") : given;
  const kind = rest.length > 0 ? given : row.action.startsWith("importing.") ? "import" : "";
  const known = kind === "user" || kind === "agent" ? names.get(Number(id)) : undefined;
  const word = tOr(`audit.subject.${kind || given}`, "");
  if (kind === "policy" || row.action === "insight.set_policy") return `${t("audit.subject.policy")} ${tOr(`policy.${id}`, id)}`;
  if (known) return `${word} ${known}`;
  if (kind === "" && word) return word;
  return `${word} ${/^\d{7,}$/.test(id) ? `\u2026${id.slice(-6)}` : id}`.trim();
}

/** Returns the facts of a row by name, what is nested as JSON. */
export function detailOf(detail: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(detail).filter(([, value]) => value !== null && value !== "").map(([name, value]) => [tOr(`field.${name}`, tOr(`audit.fact.${name}`, name)), typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value)]);
}
