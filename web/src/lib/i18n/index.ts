import { catalogue } from "@/lib/i18n/catalogue";
import { preferences } from "@/lib/preferences";

export type TextKey = keyof typeof catalogue;
export type TextValues = Record<string, string | number>;
export type Locale = "zh" | "en";

/** Returns the language in force. */
export function locale(): Locale {
  return preferences.get().locale;
}

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

/** Returns the text of a key that is put together, or `otherwise` when the catalogue lacks it. */
export function tOr(key: string, otherwise: string, values?: TextValues): string {
  return isTextKey(key) ? t(key, values) : otherwise;
}
