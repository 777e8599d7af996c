import type { Backup, Backups } from "@/features/backups/api";

export type Verdict = "unchecked" | "sound" | "broken";

/** Returns what is known of a backup's soundness. */
export function verdictOf(backup: Pick<Backup, "is_sound">): Verdict {
  return backup.is_sound === null ? "unchecked" : backup.is_sound ? "sound" : "broken";
}

/** Returns the list with one backup renewed. */
export function withBackup(list: Backups, fresh: Backup): Backups {
  return { ...list, items: list.items.map((one) => (one.name === fresh.name ? fresh : one)) };
}

/** Returns the command that restores a backup; a path with blanks is quoted. */
export function restoreCommand(folder: string, name: string): string {
  const path = `${folder.replace(/\/$/, "")}/${name}`;
  return `miaohui restore ${/[^\w./:-]/.test(path) ? `'${path.replaceAll("'", `'\\''`)}'` : path} --replace`;
}
