import { common } from "@/lib/i18n/catalogue/common";
import { desk } from "@/lib/i18n/catalogue/desk";
import { shell } from "@/lib/i18n/catalogue/shell";

/** Every text shown to people. Chinese is the source; the type asks for both languages of each. */
export const catalogue = { ...common, ...shell, ...desk } satisfies Record<string, readonly [string, string]>;
