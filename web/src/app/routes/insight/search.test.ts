import { expect, test } from "vitest";
import { insightSearch } from "@/app/routes/insight/search";

test("an address keeps what it understands and leaves out the rest", () => {
  expect(insightSearch({ tab: "heat", from: "2026-11-01", to: "2026-11-07", platform: "tmall" })).toEqual({ tab: "heat", from: "2026-11-01", to: "2026-11-07", platform: "tmall" });
  expect(insightSearch({ tab: "nonsense", from: "yesterday", to: 3, platform: "ebay" })).toEqual({});
  expect(insightSearch({ from: "2026-11-07", to: "2026-11-01" })).toEqual({});
  expect(insightSearch({ from: "2026-11-07" })).toEqual({});
});
