import { expect, test } from "vitest";
import { openSilence } from "@/features/settings/channels/silence";

test("only a silence that goes on counts, and only of this account", () => {
  const rows = [{ account_id: 1, since: "a", ended_at: "b" }, { account_id: 2, since: "c", ended_at: null }, { account_id: 1, since: "d", ended_at: null }];
  expect(openSilence(rows, 1)?.since).toBe("d");
  expect(openSilence(rows.slice(0, 2), 1)).toBeNull();
});
