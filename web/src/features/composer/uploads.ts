/** A file on its way to the server, before the message that carries it is sent. */
export interface Upload {
  key: string;
  name: string;
  size: number;
  mime: string;
  state: "sending" | "ready" | "failed";
  percent: number;
  preview: string | null;
  problem: string;
  /** What the server made of it: the number of its attachment and the part to be sent. */
  attachmentId: number | null;
}

export const MAX_UPLOAD_BYTES = 20_000_000;

/** Returns what a file is sent as: the type of its message part. */
export function partTypeOf(mime: string): "image" | "video" | "voice" | "file" {
  if (mime.startsWith("image/")) return "image";
  if (mime.startsWith("video/")) return "video";
  if (mime.startsWith("audio/")) return "voice";
  return "file";
}

/** Returns a list with one upload changed. */
export function withUpload(list: readonly Upload[], key: string, change: Partial<Upload>): Upload[] {
  return list.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
}
