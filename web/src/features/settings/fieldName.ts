import { tOr } from "@/lib/i18n";

/** Returns the name of a field for people: a setting's, a rule's, an indicator's; its key where there is none, as for a group's number. */
export function fieldName(key: string): string {
  return tOr(`field.${key}`, tOr(`rule.${key}`, tOr(`figure.${key}`, key)));
}
