import { t } from "@/lib/i18n";

/** A quick reply as the composer needs it. `pinyin` is the reading in full, `initials` its first letters. */
export interface QuickReply {
  id: number;
  title: string;
  text: string;
  shortcut: string;
  scene: string;
  pinyin: string;
  initials: string;
}

/** Returns the search after a slash that begins the text ("/退货" → "退货"), or null when none is being typed. */
export function slashSearch(text: string): string | null {
  const match = /^[/、]([^\n]{0,30})$/.exec(text);
  return match ? match[1]! : null;
}

function rank(reply: QuickReply, wanted: string): number {
  const title = reply.title.toLowerCase();
  if (reply.shortcut && reply.shortcut.toLowerCase() === wanted) return 0;
  if (reply.shortcut.toLowerCase().startsWith(wanted)) return 1;
  if (title.startsWith(wanted)) return 2;
  if (reply.initials.startsWith(wanted)) return 3;
  if (title.includes(wanted)) return 4;
  if (reply.pinyin.startsWith(wanted)) return 5;
  if (reply.initials.includes(wanted) || reply.pinyin.includes(wanted)) return 6;
  if (reply.text.toLowerCase().includes(wanted)) return 7;
  return -1;
}

/** Returns the quick replies that fit a search by shortcut, title, pinyin or text, the best first, at most `limit`. */
export function findQuick(replies: readonly QuickReply[], search: string, limit = 8): QuickReply[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === "") return replies.slice(0, limit);
  return replies
    .map((reply) => ({ reply, at: rank(reply, wanted) }))
    .filter((found) => found.at >= 0)
    .sort((a, b) => a.at - b.at || a.reply.id - b.reply.id)
    .slice(0, limit)
    .map((found) => found.reply);
}

/** Returns the variables that every chat has, by the names that shops write in their quick replies. */
export function variables(buyer: string, agent: string, shop: string): Record<string, string> {
  return Object.fromEntries([[t("variable.buyer"), buyer], [t("variable.agent"), agent], [t("variable.shop"), shop], ["buyer", buyer], ["agent", agent], ["shop", shop]]);
}

/** Returns a text with `{变量}` filled in, and the names that had no value: they are for the agent to write. */
export function fillVariables(text: string, values: Readonly<Record<string, string>>): { text: string; missing: string[] } {
  const missing: string[] = [];
  const filled = text.replace(/\{([^{}\n]{1,20})\}/g, (whole, name: string) => {
    const value = values[name.trim()];
    if (value) return value;
    missing.push(name.trim());
    return whole;
  });
  return { text: filled, missing };
}
