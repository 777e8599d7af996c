import { ApiError } from "@/api/client";
import { createStore } from "@/lib/store";
import { t } from "@/lib/i18n";
import { previewAgain, startImport, uploadImport, type Answers } from "@/features/importing/api";
import { changed, linesOf, newItem, understood, type Item } from "@/features/importing/model";

/** The files of this visit: they go on while one looks at another page. */
export const tray = createStore<readonly Item[]>([]);
const stops = new Map<string, () => void>();
const waiting: { key: string; file: File }[] = [];
let running = 0;
let count = 0;
const AT_ONCE = 2;

const change = (key: string, how: Partial<Item>) => tray.set((items) => changed(items, key, how));

function refused(key: string, error: unknown, stage: Item["stage"] = "refused"): void {
  const body = error instanceof ApiError ? error.body : undefined;
  change(key, { stage, problem: error instanceof Error ? error.message : t("state.failed"), problems: linesOf(body?.detail) });
}

/** Puts files on the tray; two are sent at a time. */
export function addFiles(files: readonly File[]): void {
  for (const file of files) {
    const key = `f${++count}`;
    tray.set((items) => [...items, newItem(key, file.name, file.size)]);
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
  tray.set((items) => items.filter((item) => item.key !== key));
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
