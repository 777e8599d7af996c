import { said } from "@/lib/i18n";
import type { Answers, Kind, Preview } from "@/features/importing/api";

/** How far one file has come. `ask`: a person must say what it is; `ready`: it waits for a click. */
export type Stage = "uploading" | "refused" | "ask" | "ready" | "queued" | "importing" | "done";

/** One file on the tray. `percent` is of the upload, `share` of the import (null: its length is not known). */
export interface Item {
  key: string;
  name: string;
  size: number;
  stage: Stage;
  percent: number;
  share: number | null;
  rows: number;
  preview: Preview | null;
  answers: Answers;
  template: string;
  problem: string;
  problems: readonly string[];
  added: number;
  bad: number;
  batchId: number | null;
  canRetry: boolean;
}

export const NO_ANSWERS: Answers = { kind: "", mapping: {}, from_on: "", to_on: "", store: "", agents: [], platform: "", sheet: "" };

export function newItem(key: string, name: string, size: number): Item {
  return { key, name, size, stage: "uploading", percent: 0, share: null, rows: 0, preview: null, answers: NO_ANSWERS, template: "", problem: "", problems: [], added: 0, bad: 0, batchId: null, canRetry: false };
}

/** Returns the tray with one file changed; a file that is gone stays gone. */
export function changed(items: readonly Item[], key: string, change: Partial<Item>): readonly Item[] {
  return items.map((item) => (item.key === key ? { ...item, ...change } : item));
}

/** Returns what a recognition means for its file: may it be imported as it is, or is there a question. */
export function understood(preview: Preview, answers: Answers): Partial<Item> {
  const open = preview.kind === "" || (preview.stores.length > 1 && !answers.store);
  return { preview, answers, stage: open ? "ask" : "ready", problem: "", problems: [] };
}

/** Returns the facts of a refusal as lines that people can read. */
export function linesOf(detail: Record<string, unknown> | undefined): readonly string[] {
  const wanted = [detail?.["problems"], detail?.["reasons"], detail?.["stores"]].find((one) => Array.isArray(one) && one.length > 0);
  if (Array.isArray(wanted)) return wanted.map((one) => said(String(one)));
  return typeof detail?.["reason"] === "string" && detail["reason"] ? [said(detail["reason"])] : [];
}

/** Tells what a person can still be asked about a file: whether it lacks its days, its platform, its shop. */
export function openQuestions(preview: Preview, kinds: readonly Kind[], answers: Answers): { period: boolean; platform: boolean; agents: boolean; store: boolean } {
  const kind = kinds.find((one) => one.code === (answers.kind || preview.kind || preview.guess));
  const chat = kind?.table === "messages";
  return { period: kind?.table === "service" && (preview.kind === "" || answers.from_on !== ""), platform: chat, agents: kind?.code === "chat_text", store: preview.stores.length > 1 };
}

/** Returns the fields that a kind needs and that no column has yet. */
export function missingFields(preview: Preview, kind: Kind | undefined, mapping: Readonly<Record<string, string>>): readonly string[] {
  const taken = new Set(preview.columns.map((column) => mapping[column.header] ?? column.target));
  return (kind?.fields ?? []).filter((field) => field.is_needed && !taken.has(field.target)).map((field) => said(field.name_zh));
}

/** Returns the mapping with one column changed; a column as it was recognised needs no word. */
export function mapped(mapping: Readonly<Record<string, string>>, header: string, target: string, recognised: string): Record<string, string> {
  const { [header]: _, ...rest } = mapping;
  return target === recognised ? rest : { ...rest, [header]: target };
}

interface ImportEvent {
  name: string;
  data: Record<string, unknown>;
}

/** Returns the tray after an event of the live feed. Pure: the same for every browser tab. */
export function afterEvent(items: readonly Item[], event: ImportEvent): readonly Item[] {
  const item = items.find((one) => one.preview?.upload_id === event.data["upload_id"]);
  if (!item) return items;
  const { data } = event;
  if (event.name === "importing.progress") return changed(items, item.key, { stage: "importing", rows: Number(data["rows"]), share: typeof data["share"] === "number" ? data["share"] : null });
  if (event.name === "importing.finished") return changed(items, item.key, { stage: "done", rows: Number(data["rows"]), added: Number(data["new"]), bad: Number(data["bad"]), batchId: Number(data["batch_id"]), share: 1 });
  if (event.name === "importing.refused") return changed(items, item.key, { stage: "refused", problem: said(String(data["message"])), problems: linesOf(data["detail"] as Record<string, unknown>) });
  return items;
}

/** Returns how sure the recognition is, in whole percent. */
export function sureness(preview: Preview): number {
  return Math.round(Math.min(1, Math.max(0, preview.score)) * 100);
}
