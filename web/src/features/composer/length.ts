/** The most that the box takes, as the server keeps drafts; beyond it a browser stops answering. Units: UTF-16 units. */
export const MOST_CHARS = 20_000;

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/** Returns how many characters people see a text to have: an emoji of two units counts once. */
export function charsOf(text: string): number {
  return text.length - (text.match(PAIR)?.length ?? 0);
}
