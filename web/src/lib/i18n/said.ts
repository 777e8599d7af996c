import { locale } from "@/lib/i18n/locale";

/**
 * What the server says. It composes its sentences in Chinese, its first language, keeps them so in rows and files, and
 * here each is said in English by the book of its wordings: `{1}` stands for what the server put in. In the book's
 * English `{1}` is kept, `{1:t}` is said in English too, `{1:list}` is a list of such, `{1:wan}` counts ten thousands.
 * tests/app/test_said.py walks every wording in the server's source: one without English fails.
 */
export type Book = Readonly<Record<string, string>>;

interface Wording {
  lazy: RegExp;
  greedy: RegExp;
  english: string;
  weight: number;
}

const CHINESE = /[\u4e00-\u9fff]/;
const PLACE = /\{(\d)(?::(\w+))?\}/g;
const EDGE = /^[\uff1b\uff0c]|\u3002$/g;
const JOINS = [["\u3002", ". "], ["\uff1b", "; "], [" \u00b7 ", " \u00b7 "], ["\uff0c", ", "], ["\u3001", ", "], ["\uff1a", ": "]] as const;
const known = new Map<string, string>();
let words: ReadonlyMap<string, string> = new Map();
let wordings: readonly Wording[] = [];

/** Takes a book of wordings over; the page does so before it renders in English. */
export function readBook(book: Book): void {
  const plain = new Map<string, string>();
  const patterns: Wording[] = [];
  for (const [chinese, english] of Object.entries(book)) {
    if (/\{\d\}/.test(chinese)) patterns.push(wordingOf(chinese.replace(EDGE, ""), english.replace(/^[;,]\s|\.$/g, "")));
    else learn(plain, chinese, english);
  }
  words = plain;
  wordings = patterns.sort((a, b) => b.weight - a.weight);
  known.clear();
}

/** A sentence of two halves is known by each of them too: the server may say only what comes first. */
function learn(plain: Map<string, string>, chinese: string, english: string): void {
  const [halves, theirs] = [chinese.split("\uff1b"), english.split("; ")];
  if (halves.length > 1 && halves.length === theirs.length) halves.forEach((half, n) => plain.set(half, theirs[n]!));
  plain.set(chinese, english);
}

function wordingOf(chinese: string, english: string): Wording {
  const literal = chinese.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (chinese.startsWith("{1}\uff1b")) literal[1] = `(?:${literal[1]!.slice(0, 1)})?${literal[1]!.slice(1)}`; // said also without what stands before
  return { lazy: new RegExp(`^${literal.join("(.*?)")}$`, "s"), greedy: new RegExp(`^${literal.join("(.*)")}$`, "s"), english, weight: literal.join("").length };
}

/** Returns what the server said in the language in force. What has no English in the book stays Chinese. */
export function said(text: string): string {
  return locale() === "zh" ? (halvesOf(text)?.[0] ?? text) : inEnglish(text);
}

/** Returns what a list row shows of a message: the label of a picture or card in the language in force, people's words as they are. */
export function saidLabel(text: string): string {
  if (locale() === "zh" || !text.startsWith("[")) return text;
  const end = text.indexOf("]") + 1;
  return (words.get(text.slice(0, end)) ?? text.slice(0, end)) + text.slice(end);
}

/** Returns the English of what the server said. */
export function inEnglish(text: string): string {
  if (!CHINESE.test(text)) return text;
  let found = known.get(text);
  if (found === undefined) {
    found = find(text);
    if (known.size > 2_000) known.clear();
    known.set(text, found);
  }
  return found;
}

/** Tells whether a column of evidence holds what people wrote, or names of goods: never said in other words. */
export const isPeoplesOwn = (column: string): boolean => ["\u7b2c\u4e00\u53e5", "\u5185\u5bb9", "\u5546\u54c1"].includes(column);

/** Sentences that stand in both languages, as those of the command line, are parted at the stroke. */
function halvesOf(text: string): readonly [string, string] | null {
  const at = text.lastIndexOf(" / ");
  const [chinese, english] = [text.slice(0, at), text.slice(at + 3)];
  return at > 0 && CHINESE.test(chinese) && !CHINESE.test(english) && /[a-z]{2}/i.test(english) ? [chinese, english] : null;
}

function find(text: string): string {
  const exact = words.get(text) ?? words.get(text.replace(EDGE, "")) ?? halvesOf(text)?.[1];
  if (exact !== undefined) return exact;
  const best = [...byWording(text), ...byParts(text)].reduce((least, one) => (chineseIn(one) < chineseIn(least) ? one : least), text);
  return text.endsWith("\u3002") && best !== text && !best.endsWith(".") ? `${best}.` : best;
}

function byWording(text: string): readonly string[] {
  const bare = text.replace(EDGE, "");
  const best = wordings.find((wording) => wording.lazy.test(bare));
  return best ? [best.lazy, best.greedy].map((pattern) => filled(best.english, pattern.exec(bare) ?? [])) : [];
}

function byParts(text: string): readonly string[] {
  const found: string[] = [];
  for (const [mark, english] of JOINS) {
    const parts = text.split(mark).map((part) => part.trim()).filter(Boolean);
    if (parts.length > 1 || text.includes(mark)) found.push(parts.map((part) => inEnglish(part)).join(english));
    if (parts.length > 2) found.push([inEnglish(parts[0]!), inEnglish(parts.slice(1).join(mark))].join(english));
  }
  const bracket = /^(.+?)\uff08(.+)\uff09$/s.exec(text);
  if (bracket) found.push(`${inEnglish(bracket[1]!)} (${inEnglish(bracket[2]!)})`);
  const step = /^([\u2460-\u2464])(.+)$/s.exec(text);
  if (step) found.push(`${step[1]!.charCodeAt(0) - 0x245f}. ${inEnglish(step[2]!)}`);
  const day = text.replace(/(\d{1,2})\u6708(\d{1,2})\u65e5/g, "$2/$1");
  if (day !== text) found.push(inEnglish(day));
  return found;
}

const chineseIn = (text: string): number => text.match(/[\u4e00-\u9fff]/g)?.length ?? 0;

function filled(english: string, values: readonly string[]): string {
  const text = english.replace(PLACE, (_, n: string, how: string | undefined) => {
    const value = values[Number(n)] ?? "";
    if (how === "t") return inEnglish(value);
    if (how === "list") return value.split(/[\u3001\uff0c]/).map((one) => inEnglish(one.trim())).join(", ");
    return how === "wan" ? Math.round(Number(value) * 10_000).toLocaleString("en") : value;
  });
  return text.replace(/^[;,] /, "");
}
