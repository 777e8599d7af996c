import { ApiError } from "@/api/client";
import { createStore } from "@/lib/store";
import { t } from "@/lib/i18n";
import { previewAgain, startImport, uploadImport, type Answers } from "@/features/importing/api";
import { changed, linesOf, newItem, understood, type Item } from "@/features/importing/model";

/** The files of this visit: they go on while one looks at another page. */
export const tray = createStore<readonly Item[]>([]);
const stops = new Map<string, () => void>();
const waiting: { key: string; file: File }[] = [];
const kept = new Map<string, File>();
let running = 0;
let count = 0;
const AT_ONCE = 2;

const change = (key: string, how: Partial<Item>) => tray.set((items) => changed(items, key, how));

function refused(key: string, error: unknown, stage: Item["stage"] = "refused"): void {
  const body = error instanceof ApiError ? error.body : undefined;
  const canRetry = kept.has(key) && stage === "refused" && (error instanceof ApiError ? error.isOffline || error.status === 503 : true);
  change(key, { stage, canRetry, problem: canRetry ? t("imports.cutOff") : error instanceof Error ? error.message : t("state.failed"), problems: linesOf(body?.detail) });
}

/** Puts files on the tray; two are sent at a time. */
export function addFiles(files: readonly File[]): void {
  for (const file of files) {
    const key = `f${++count}`;
    tray.set((items) => [...items, newItem(key, file.name, file.size)]);
    kept.set(key, file);
    waiting.push({ key, file });
  }
  next();
}

function next(): void {
  while (running < AT_ONCE && waiting.length > 0) {
    const one = waiting.shift();
    if (!one || !tray.get().some((item) => item.key === one.key)) continue;
    running += 1;
    void send(one.key, one.file).finally(() => {
      running -= 1;
      next();
    });
  }
}

async function send(key: string, file: File): Promise<void> {
  try {
    const preview = await uploadImport(file, (percent) => change(key, { percent }), (stop) => stops.set(key, stop));
    kept.delete(key);
    change(key, understood(preview, tray.get().find((item) => item.key === key)?.answers ?? newItem(key, "", 0).answers));
  } catch (error) {
    refused(key, error);
  } finally {
    stops.delete(key);
  }
}

/** Takes a file off the tray; one that is being sent is stopped. */
export function drop(key: string): void {
  stops.get(key)?.();
  kept.delete(key);
  tray.set((items) => items.filter((item) => item.key !== key));
}

/** Sends a file again whose way was cut off. */
export function retry(key: string): void {
  const file = kept.get(key);
  if (!file) return;
  change(key, { stage: "uploading", percent: 0, problem: "", problems: [], canRetry: false });
  waiting.push({ key, file });
  next();
}

/** Takes everything off that is done. */
export function clearDone(): void {
  tray.set((items) => items.filter((item) => item.stage !== "done"));
}

/** Has a file recognised again with a person's answers. A refusal stays beside the question. */
export async function answer(key: string, answers: Answers): Promise<void> {
  const item = tray.get().find((one) => one.key === key);
  if (!item?.preview) return;
  change(key, { answers });
  try {
    change(key, understood(await previewAgain(item.preview.upload_id, answers), answers));
  } catch (error) {
    refused(key, error, "ask");
  }
}

/** Imports a file that was recognised; what the server refuses is said on it. */
export async function commit(key: string, template: string): Promise<void> {
  const item = tray.get().find((one) => one.key === key);
  if (!item?.preview) return;
  change(key, { stage: "queued", problem: "", problems: [] });
  try {
    await startImport(item.preview.upload_id, item.answers, template);
  } catch (error) {
    const asks = error instanceof ApiError && ["importing.ask", "importing.two_shops", "importing.needs_period", "importing.bad_mapping"].includes(error.code);
    refused(key, error, asks ? "ask" : "refused");
  }
}
