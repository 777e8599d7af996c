import { locale, said, tOr } from "@/lib/i18n";
import type { Figure, Finding, Report } from "@/features/insight/api";

/** What the server found, said in the language of the page; names of people, products and what buyers wrote stay as they are. */
export function definitionOf(figure: Figure): string {
  return locale() === "zh" ? splitDefinition(figure.definition_zh).formula : tOr(`figureDef.${figure.code}`, figure.definition_zh);
}

const COLON = "\uff1a";

/** Returns the version of a platform's definition and its formula, which the server joins by a colon. */
export function splitDefinition(text: string): { version: string; formula: string } {
  const at = text.indexOf(COLON);
  return at > 0 && at <= 24 ? { version: text.slice(0, at), formula: text.slice(at + 1) } : { version: "", formula: text };
}

/** Returns the paragraph about the span. */
export const summaryOf = (report: Report): string => said(report.paragraph_zh);
export const ruleName = (finding: Pick<Finding, "rule" | "name_zh">): string => tOr(`rule.${finding.rule}`, finding.name_zh);
export const adviceOf = (finding: Pick<Finding, "advice_zh">): string => said(finding.advice_zh);

/** Returns what a rule saw. */
export const readingOf = (finding: Finding): string => said(finding.text_zh);

/** What to do first. */
export function actionsOf(report: Report): readonly { title: string; why: string; todo: string; who: string; fen: number; evidence: string }[] {
  return report.actions.map((one) => ({ title: said(one.title_zh), why: said(one.why_zh), todo: said(one.do_zh), who: said(one.who_zh), fen: one.money_fen, evidence: one.evidence }));
}
