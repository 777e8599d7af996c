/** A piece of a message's text: plain, or a web address that may be opened. */
export interface Piece {
  text: string;
  href?: string;
}

const LINK = /https?:\/\/[^\s<>"'“”‘’，。；！？、（）()《》【】\u200b-\u200f\u202a-\u202e]+/g;
const MAX_SHOWN = 4_000;

/** Returns a text with signs removed that turn the direction of the line around, hide in it, or pile up over it. Line breaks stay. */
export function tame(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]|(?![\n\t])\p{Cc}/gu, "").replace(PILES, "$1");
}

const PILES = /((?:\p{M}){4})\p{M}+/gu;
const UNSEEN = /\s|\u00ad|\u034f|\u115f|\u1160|\u200c|\u200d|[\u2060-\u2064]|\u2800|\u3164|\uffa0/gu;

/** Returns a person's name as it may stand beside our words, or `otherwise` when nothing of it can be seen. */
export function shownName(name: string, otherwise: string): string {
  const tamed = tame(name).replace(/\s+/g, " ").trim();
  return tamed.replace(UNSEEN, "") === "" ? otherwise : tamed;
}

/** Returns the text cut to a length that a page can bear, and how many characters were left out. */
export function shorten(text: string, limit = MAX_SHOWN): { text: string; left: number } {
  if (text.length <= limit) return { text, left: 0 };
  const cut = /[\ud800-\udbff]/.test(text[limit - 1] ?? "") ? limit - 1 : limit;
  return { text: text.slice(0, cut), left: text.length - cut };
}

/** Returns a text as pieces, so that addresses can be links. Nothing in a text is ever read as HTML. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: match[0], href: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** Returns a text around its first hit, in pieces that say which of them were searched for. */
export function marked(text: string, words: readonly string[], length = 120): { text: string; hit: boolean }[] {
  const needles = words.filter((word) => word !== "").map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (needles.length === 0) return [{ text: text.slice(0, length), hit: false }];
  const any = new RegExp(needles.join("|"), "gi");
  const first = text.search(any);
  const from = Math.max(0, first - 24);
  const shown = `${from > 0 ? "…" : ""}${text.slice(from, from + length)}`;
  const found: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const match of shown.matchAll(any)) {
    if (match.index > at) found.push({ text: shown.slice(at, match.index), hit: false });
    found.push({ text: match[0], hit: true });
    at = match.index + match[0].length;
  }
  if (at < shown.length) found.push({ text: shown.slice(at), hit: false });
  return found;
}
