import { preferences } from "@/lib/preferences";

export type Locale = "zh" | "en";

/** Returns the language in force. */
export function locale(): Locale {
  return preferences.get().locale;
}
