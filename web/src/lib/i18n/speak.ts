import { readBook } from "@/lib/i18n/said";
import { prefer, type Preferences } from "@/lib/preferences";

let isRead = false;

/** Fetches what a language needs beyond the catalogue: for English, the book of what the server says. */
export async function speak(locale: Preferences["locale"]): Promise<void> {
  if (isRead || locale === "zh") return;
  try {
    readBook((await import("@/lib/i18n/book")).book);
    isRead = true;
  } catch {
    // Without the book the page works, and the server's sentences stay Chinese.
  }
}

/** Changes the language of the page, once all of it is there. */
export function chooseLocale(locale: Preferences["locale"]): void {
  void speak(locale).then(() => prefer({ locale }));
}
