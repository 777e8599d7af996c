import { locale, t, tOr } from "@/lib/i18n";
import { figureName, ordered, shown } from "@/features/insight/model";
import type { Evidence, Figure, Finding, Report } from "@/features/insight/api";

/**
 * The server tells what it found in Chinese sentences. Here the same facts are said in English from their numbers;
 * names of people, products and what buyers wrote stay as they are.
 */
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
export function summaryOf(report: Report): string {
  if (locale() === "zh") return report.paragraph_zh;
  const judged = report.figures.filter((one) => one.verdict !== "");
  if (judged.length === 0) return t("insight.tooLittle");
  const missed = judged.filter((one) => one.verdict === "bad");
  const fired = report.findings.filter((one) => one.fired);
  return [
    t("insight.met", { n: judged.filter((one) => one.verdict === "good").length, all: judged.length }),
    missed.length > 0 ? t("insight.missedThese", { names: missed.map((one) => `${figureName(one)} ${shown(one.value, one.unit)} (${shown(one.target, one.unit)})`).join(", ") }) : "",
    fired.length > 0 ? t("insight.toDo", { n: fired.length }) : "",
  ].filter(Boolean).join(" ");
}

export const ruleName = (finding: Pick<Finding, "rule" | "name_zh">): string => tOr(`rule.${finding.rule}`, finding.name_zh);
export const adviceOf = (finding: Pick<Finding, "rule" | "advice_zh">): string => (locale() === "zh" ? finding.advice_zh : tOr(`advice.${finding.rule}`, finding.advice_zh));
export const whoOf = (who_zh: string): string => tOr(`who.${who_zh}`, who_zh);

/** Returns what a rule saw. */
export function readingOf(finding: Finding): string {
  if (locale() === "zh" || finding.value === null) return finding.text_zh;
  const sample = finding.numerator !== null && finding.denominator !== null ? ` (${Math.round(finding.numerator)} / ${finding.denominator})` : "";
  return `${finding.subject ? `${finding.subject}: ` : ""}${shown(finding.value, finding.unit)}${sample}${finding.threshold > 0 ? `, ${t("insight.threshold", { n: shown(finding.threshold, finding.unit) })}` : ""}`;
}

/** What to do first. In English the dearest findings stand for the server's sentences. */
export function actionsOf(report: Report): readonly { title: string; why: string; todo: string; who: string; fen: number; evidence: string }[] {
  if (locale() === "zh") return report.actions.map((one) => ({ title: one.title_zh, why: one.why_zh, todo: one.do_zh, who: one.who_zh, fen: one.money_fen, evidence: one.evidence }));
  return ordered(report.findings).fired.slice(0, 3).map((one) => ({ title: ruleName(one), why: readingOf(one), todo: adviceOf(one), who: whoOf(one.who_zh), fen: one.money_fen, evidence: one.evidence }));
}

/** Returns how the money was reckoned; a Chinese sentence, so nothing in English. */
export const reckoningOf = (finding: Pick<Finding, "money_zh">): string => (locale() === "zh" ? finding.money_zh : "");

export const columnName = (zh: string): string => tOr(`col.${zh}`, zh);
export const cellWord = (zh: string): string => (locale() === "zh" ? zh : tOr(`cell.${zh}`, zh.replace(/^([\d.]+) \u79d2$/, "$1 s").replace(/^(\d) \u661f$/, "$1 ★")));

/** Returns the title of a list of evidence. */
export function evidenceTitle(evidence: Pick<Evidence, "key" | "title_zh">, finding?: Finding): string {
  if (locale() === "zh") return evidence.title_zh;
  return finding ? `${ruleName(finding)}${finding.subject ? `: ${finding.subject}` : ""}` : tOr(`evidence.${evidence.key}`, evidence.title_zh);
}

/** Returns why the estimate of what speed is worth holds or does not. */
export function elasticityWarning(e: { own: number | null; low: number | null; high: number | null; can_tell: boolean; n: number; warning_zh: string }): string {
  if (locale() === "zh") return e.warning_zh;
  if (e.can_tell) return t("whatif.tells");
  if (e.own === null) return t("whatif.tooFew", { n: e.n });
  return t(e.high !== null && e.high < 0 ? "whatif.backwards" : "whatif.cannotTell");
}
