import { useCallback, useEffect, useRef, useState } from "react";
import { uploadFile } from "@/api/upload";
import { bytes } from "@/lib/format";
import { t } from "@/lib/i18n";
import { MAX_UPLOAD_BYTES, withUpload, type Upload } from "@/features/composer/uploads";

export interface Uploads {
  list: readonly Upload[];
  add(files: File[]): void;
  remove(key: string): void;
  /** Returns the parts of the next message, files first, and empties the tray. */
  take(text: string): Record<string, unknown>[];
  clear(): void;
}

/** Files on their way to the server for one chat. They begin to travel at once, so that sending is quick. */
export function useUploads(conversationId: number): Uploads {
  const [list, setList] = useState<readonly Upload[]>([]);
  const latest = useRef(list);
  latest.current = list;
  const stops = useRef(new Map<string, () => void>());

  const change = useCallback((key: string, what: Partial<Upload>) => setList((old) => withUpload(old, key, what)), []);
  const start = useCallback(async (key: string, file: File) => {
    try {
      const sent = await uploadFile(`/api/conversations/${conversationId}/attachments`, file, (percent) => change(key, { percent }), (stop) => stops.current.set(key, stop));
      change(key, { state: "ready", percent: 100, part: sent.part });
    } catch (error) {
      change(key, { state: "failed", problem: error instanceof Error ? error.message : "" });
    } finally {
      stops.current.delete(key);
    }
  }, [conversationId, change]);

  const add = useCallback((files: File[]) => {
    const fresh = files.slice(0, 9).map((file): Upload => ({
      key: crypto.randomUUID(), name: file.name || t("part.image"), size: file.size, mime: file.type, percent: 0, part: null,
      state: file.size > MAX_UPLOAD_BYTES ? "failed" : "sending", preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : null,
      problem: file.size > MAX_UPLOAD_BYTES ? t("composer.tooLarge", { max: bytes(MAX_UPLOAD_BYTES) }) : "",
    }));
    setList((old) => [...old, ...fresh]);
    fresh.forEach((upload, n) => { if (upload.state === "sending") void start(upload.key, files[n]!); });
  }, [start]);

  const remove = useCallback((key: string) => {
    stops.current.get(key)?.();
    const gone = latest.current.find((upload) => upload.key === key);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    setList((old) => old.filter((upload) => upload.key !== key));
  }, []);
  const clear = useCallback(() => latest.current.forEach((upload) => remove(upload.key)), [remove]);
  const take = useCallback((text: string) => {
    const parts = latest.current.flatMap((upload) => (upload.part ? [upload.part] : []));
    clear();
    return [...parts, ...(text ? [{ type: "text", text }] : [])];
  }, [clear]);
  useEffect(() => () => stops.current.forEach((stop) => stop()), []);
  return { list, add, remove, take, clear };
}
