import { beforeEach, expect, test } from "vitest";
import { prefer } from "@/lib/preferences";
import { aboutOf, detailOf, whoOf } from "@/features/settings/audit/words";

beforeEach(() => prefer({ locale: "en" }));
const names = new Map([[12, "Alice"]]);

test.each([
  ["user:12", "access.logged_in", "Person Alice"],
  ["user:374014556946436", "access.logged_in", "Person \u2026946436"],
  ["374014667857920", "importing.import", "Import \u2026857920"],
  ["miaohui-20261123.tar", "system.backup_made", "miaohui-20261123.tar"],
  ["policy:warnings", "shop.policy_changed", "Rule Warnings"],
  ["reserve", "staff.reserve_target_set", "Reserve"],
  ["", "system.backup", ""],
])("%s of %s reads %s", (subject, action, shown) => {
  expect(aboutOf({ subject, action }, names)).toBe(shown);
});

test("the system is named with the job it ran, never by a code", () => {
  expect(whoOf({ actor_kind: "system", actor_name: "system.make_backup" })).toBe("System \u00b7 Make a backup");
  expect(whoOf({ actor_kind: "system", actor_name: "worker-1" })).toBe("System");
  expect(whoOf({ actor_kind: "user", actor_name: "Bob" })).toBe("Bob");
});

test("facts have names, empty ones are left out", () => {
  expect(detailOf({ reason: "", role: "agent", nested: { a: 1 } })).toEqual([["Role", "agent"], ["nested", '{"a":1}']]);
});
