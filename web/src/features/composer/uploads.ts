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
  /** The message part that the server made of it, once it is there. */
  part: Record<string, unknown> | null;
}

export const MAX_UPLOAD_BYTES = 20_000_000;

/** Returns a list with one upload changed. */
export function withUpload(list: readonly Upload[], key: string, change: Partial<Upload>): Upload[] {
  return list.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
}
