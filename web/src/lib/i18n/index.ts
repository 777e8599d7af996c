import { catalogue } from "@/lib/i18n/catalogue";
import { locale } from "@/lib/i18n/locale";
import { said } from "@/lib/i18n/said";

export type TextKey = keyof typeof catalogue;
export type TextValues = Record<string, string | number>;
export { locale, type Locale } from "@/lib/i18n/locale";
export { said } from "@/lib/i18n/said";

/** Returns the text of `key` in the language in force, with `{name}` filled in from `values`. */
export function t(key: TextKey, values?: TextValues): string {
  const text = catalogue[key][locale() === "zh" ? 0 : 1];
  return values ? fill(text, values) : text;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Returns `text` with every `{name}` that `values` has replaced. A right-to-left value cannot turn its neighbours around. */
export function fill(text: string, values: TextValues): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = String(values[name] ?? whole);
    return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
  });
}

/** Tells whether the catalogue has `key`: for keys that are put together, as those of a state. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(catalogue, key);
}

/** Returns the text of a key that is put together; where the catalogue lacks it, what the server says otherwise. */
export function tOr(key: string, otherwise: string, values?: TextValues): string {
  return isTextKey(key) ? t(key, values) : said(otherwise);
}
