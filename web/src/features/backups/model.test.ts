import { expect, test } from "vitest";
import type { Backup, Backups } from "@/features/backups/api";
import { restoreCommand, verdictOf, withBackup } from "@/features/backups/model";

const one = (name: string, is_sound: boolean | null): Backup => ({ name, is_sound, made_at: "", made_by: "", size_bytes: 1, schema_revision: "", sha256: "", messages: null, attachments: null, checked_at: null, finding_zh: "" });

test("a backup that nobody checked is neither sound nor broken", () => {
  expect([null, true, false].map((is_sound) => verdictOf({ is_sound }))).toEqual(["unchecked", "sound", "broken"]);
});

test("a check renews its own line and no other", () => {
  const list: Backups = { items: [one("b", null), one("a", null)], is_running: false, problem_zh: "", folder: "", free_bytes: 0 };
  expect(withBackup(list, one("a", true)).items.map((x) => x.is_sound)).toEqual([null, true]);
});

test("the command can be pasted into a shell, blanks and quotes in the path included", () => {
  expect(restoreCommand("/srv/data/backups/", "x.tar")).toBe("miaohui restore /srv/data/backups/x.tar --replace");
  expect(restoreCommand("/srv/my data", "x.tar")).toBe("miaohui restore '/srv/my data/x.tar' --replace");
  expect(restoreCommand("/srv/it's", "x.tar")).toBe(`miaohui restore '/srv/it'\\''s/x.tar' --replace`);
});
