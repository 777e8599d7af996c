import { expect, test } from "vitest";
import { tomorrowAtNine } from "@/app/routes/desk/SnoozeMenu";

test.each([
  ["2026-11-22T03:00:00Z", "2026-11-23T01:00:00.000Z"], ["2026-11-22T15:59:59Z", "2026-11-23T01:00:00.000Z"], ["2026-11-22T16:00:00Z", "2026-11-24T01:00:00.000Z"],
])("tomorrow at nine in Shanghai, seen at %s, is %s", (now, then) => expect(new Date(tomorrowAtNine(Date.parse(now))).toISOString()).toBe(then));
