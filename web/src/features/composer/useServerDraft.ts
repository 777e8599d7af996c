import { useEffect, useRef } from "react";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import type { Store } from "@/lib/store";
import { withDraft, type Drafts } from "@/features/composer/drafts";

type ServerDraft = components["schemas"]["DraftOut"];
const PAUSE_MS = 1_500;

/**
 * Keeps a chat's draft on the server too, so that it is there on another computer. What is typed here wins over
 * what is there; a draft from elsewhere is taken only when nothing is typed here.
 */
export function useServerDraft(conversationId: number, known: ServerDraft | null, drafts: Store<Drafts>): void {
  const version = useRef(0);
  const saved = useRef("");
  useEffect(() => {
    if (!known || known.version < version.current) return;
    version.current = known.version;
    saved.current = known.text;
    if (known.text && !drafts.get()[conversationId]) drafts.set((all) => withDraft(all, conversationId, known.text));
  }, [conversationId, known, drafts]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const save = async () => {
      const text = drafts.get()[conversationId] ?? "";
      if (text === saved.current) return;
      try {
        const body = { text, parts: [], version: version.current };
        const answer = await ask(api.PUT("/api/conversations/{conversation_id}/draft", { params: { path: { conversation_id: conversationId } }, body }));
        version.current = answer.version;
        saved.current = text;
      } catch (error) {
        const current = (error as { body?: { detail?: { version?: number } } }).body?.detail?.version;
        if (typeof current === "number") version.current = current;
      }
    };
    const stop = drafts.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void save(), PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      void save();
    };
  }, [conversationId, drafts]);
}
