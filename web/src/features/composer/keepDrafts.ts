import { api, ApiError, ask } from "@/api/client";
import type { Drafts } from "@/features/composer/drafts";

/**
 * Keeps one draft on the server; what is typed here wins over what another tab or computer wrote meanwhile.
 * Returns its new version. Raises: ApiError when it could not be kept.
 */
export async function keepDraft(conversationId: number, text: string, version: number): Promise<number> {
  const put = (seen: number) => ask(api.PUT("/api/conversations/{conversation_id}/draft", { params: { path: { conversation_id: conversationId } }, body: { text, parts: [], version: seen } }));
  try {
    return (await put(version)).version;
  } catch (error) {
    const current = error instanceof ApiError && error.code === "kit.stale" ? error.body.detail?.["version"] : null;
    if (typeof current !== "number") throw error;
    return (await put(current)).version;
  }
}

/** What the server keeps of somebody's drafts, by conversation. */
export type Kept = ReadonlyMap<number, { text: string; version: number }>;

export async function keptDrafts(): Promise<Kept> {
  return new Map((await ask(api.GET("/api/drafts"))).items.map((draft) => [draft.conversation_id, draft]));
}

/** Brings all drafts of this browser to the server. Returns the conversations whose texts are not there; notes never are. */
export async function unkept(drafts: Drafts): Promise<number[]> {
  const here = Object.entries(drafts).map(([id, text]) => [Number(id), text] as const);
  if (here.length === 0) return [];
  const there = await keptDrafts().catch(() => null);
  if (there === null) return here.map(([id]) => id);
  const lost: number[] = [];
  for (const [id, text] of here) {
    if (there.get(id)?.text === text) continue;
    const isKept = id > 0 && (await keepDraft(id, text, there.get(id)?.version ?? 0).then(() => true, () => false));
    if (!isKept) lost.push(id);
  }
  return lost;
}

/** Returns the drafts with those added that were written elsewhere, where nothing is typed here. */
export function withKept(drafts: Drafts, kept: Kept): Drafts {
  const fresh = [...kept].filter(([id, draft]) => draft.text !== "" && !drafts[id]).map(([id, draft]) => [id, draft.text] as const);
  return fresh.length === 0 ? drafts : { ...Object.fromEntries(fresh), ...drafts };
}
