import type { Platform } from "@/features/insight/api";

export const INSIGHT_TABS = ["overview", "heat", "people", "diagnosis", "whatif", "compare"] as const;
export type InsightTab = (typeof INSIGHT_TABS)[number];

/** What the address of the figures says: which page, which days, which platform. */
export interface InsightSearch {
  tab?: InsightTab;
  from?: string;
  to?: string;
  platform?: Platform;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const PLATFORMS: readonly string[] = ["douyin", "tmall", "jd", "pinduoduo"];

/** Returns the search of an address; what is not understood is left out. */
export function insightSearch(search: Record<string, unknown>): InsightSearch {
  const day = (name: string) => (typeof search[name] === "string" && DAY.test(search[name]) ? search[name] : undefined);
  const [from, to] = [day("from"), day("to")];
  return {
    ...(INSIGHT_TABS.includes(search["tab"] as InsightTab) ? { tab: search["tab"] as InsightTab } : {}),
    ...(from && to && from <= to ? { from, to } : {}),
    ...(PLATFORMS.includes(String(search["platform"])) ? { platform: search["platform"] as Platform } : {}),
  };
}
