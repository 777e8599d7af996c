import columns from "@/lib/i18n/said/columns.json";
import desk from "@/lib/i18n/said/desk.json";
import importing from "@/lib/i18n/said/importing.json";
import insight from "@/lib/i18n/said/insight.json";
import shop from "@/lib/i18n/said/shop.json";
import words from "@/lib/i18n/said/words.json";

/** The English of everything that the server says; loaded only when somebody reads English. */
export const book = { ...columns, ...words, ...desk, ...shop, ...importing, ...insight };
