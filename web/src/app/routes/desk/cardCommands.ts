import { t } from "@/lib/i18n";
import type { QuickReply } from "@/features/composer/quick";

export const CARD_KINDS = ["order", "product"] as const;
export type CardKind = (typeof CARD_KINDS)[number];

const COMMANDS = {
  order: { id: -1, pinyin: "fadingdankapian", initials: "fddkp", shortcut: "order" },
  product: { id: -2, pinyin: "fashangpinkapian", initials: "fspkp", shortcut: "product" },
} as const;

/** Returns the entries of the `/` menu that open the cards which may be sent here. */
export function cardCommands(kinds: readonly CardKind[]): QuickReply[] {
  return kinds.map((kind) => ({ ...COMMANDS[kind], title: t(`cards.${kind}`), text: t(`cards.${kind}Hint`), scene: "" }));
}

/** Returns which cards an entry of the `/` menu opens, or null when it is a quick reply. */
export function cardKindOf(reply: Pick<QuickReply, "id">): CardKind | null {
  return CARD_KINDS.find((kind) => COMMANDS[kind].id === reply.id) ?? null;
}
