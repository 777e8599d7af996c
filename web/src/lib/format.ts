import { locale } from "@/lib/i18n";

const SHOP_ZONE = "Asia/Shanghai";
const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const language = locale() === "zh" ? "zh-CN" : "en-GB";
  const key = language + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language, { timeZone: SHOP_ZONE, hourCycle: "h23", ...options });
    cache.set(key, found);
  }
  return found;
}

/** Returns a moment by a format; `–` when it is none, because a page must not fall over one wrong time. */
function said(options: Intl.DateTimeFormatOptions, at: string | number): string {
  const moment = ms(at);
  return Number.isFinite(moment) ? formatter(options).format(moment) : "–";
}

/** Returns the time of a moment in milliseconds since 1970, or of an ISO text. */
export function ms(at: string | number | null | undefined): number {
  if (typeof at === "number") return at;
  return at ? Date.parse(at) : Number.NaN;
}

/** Returns `12:05` in the shop's time. */
export function clockTime(at: string | number): string {
  return said({ hour: "2-digit", minute: "2-digit" }, at);
}

/** Returns `11月22日 12:05:07` in the shop's time. */
export function fullTime(at: string | number): string {
  return said({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" }, at);
}

const SHOP_SHIFT_MS = 8 * 3_600_000;

/** Returns the local day, `2026-11-22`: equal for two moments of one day. The shop's zone has one offset all year. */
export function dayKey(at: string | number): string {
  const moment = new Date(ms(at) + SHOP_SHIFT_MS);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().slice(0, 10);
}

/** Tells whether two moments are of one day of the shop. Units: milliseconds since 1970. */
export function isSameDay(a: number, b: number): boolean {
  return Math.floor((a + SHOP_SHIFT_MS) / 86_400_000) === Math.floor((b + SHOP_SHIFT_MS) / 86_400_000);
}

/** Returns `11月22日 星期六`. */
export function dayTitle(at: string | number): string {
  return said({ month: "long", day: "numeric", weekday: "long" }, at);
}

/** Returns a short time for a list: the clock today, `昨天`, else the date. */
export function listTime(at: string | number, now: number): string {
  const day = dayKey(at);
  if (day === dayKey(now)) return clockTime(at);
  if (day === dayKey(now - 86_400_000)) return locale() === "zh" ? "昨天" : "Yesterday";
  return said({ month: "numeric", day: "numeric" }, at);
}

/** Returns a time to come: the clock today, else with its day, `11月24日 21:46`. */
export function soonTime(at: string | number, now: number): string {
  if (dayKey(at) === dayKey(now)) return clockTime(at);
  return said({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }, at);
}

/** Returns whole seconds for people: `18秒`, `3分05秒`, `2小时10分`, `3天`. Never negative. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const zh = locale() === "zh";
  if (s < 60) return zh ? `${s}秒` : `${s}s`;
  if (s < 3_600) {
    const rest = String(s % 60).padStart(2, "0");
    return zh ? `${Math.floor(s / 60)}分${rest}秒` : `${Math.floor(s / 60)}m ${rest}s`;
  }
  if (s < 86_400) {
    const minutes = Math.floor((s % 3_600) / 60);
    return zh ? `${Math.floor(s / 3_600)}小时${minutes}分` : `${Math.floor(s / 3_600)}h ${minutes}m`;
  }
  return zh ? `${Math.floor(s / 86_400)}天` : `${Math.floor(s / 86_400)}d`;
}

/** Returns `0:34`, `12:05` or `1:02:05`: for countdowns, where width must not jump. */
export function stopwatch(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3_600);
  const minutes = Math.floor((s % 3_600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** Returns fen as yuan: `¥1,299.00`. */
export function yuan(fen: number): string {
  return new Intl.NumberFormat("zh-CN", { style: "currency", currency: "CNY" }).format(fen / 100);
}

/** Returns a share as a percentage: `94.2%`. */
export function percent(ratio: number, digits = 1): string {
  return `${(ratio * 100).toFixed(digits)}%`;
}

/** Returns bytes for people: `1.2 MB`. */
export function bytes(count: number): string {
  if (count < 1_024) return `${count} B`;
  if (count < 1_048_576) return `${Math.round(count / 1_024)} KB`;
  if (count < 1_073_741_824) return `${(count / 1_048_576).toFixed(1)} MB`;
  return `${(count / 1_073_741_824).toFixed(1)} GB`;
}
