import { useEffect, useRef } from "react";
import type { components } from "@/api/schema";
import type { Store } from "@/lib/store";
import { keepDraft } from "@/features/composer/keepDrafts";
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
      const kept = await keepDraft(conversationId, text, version.current).catch(() => null);
      if (kept === null) return;
      version.current = kept;
      saved.current = text;
    };
    const stop = drafts.subscribe(() => {
      const text = drafts.get()[conversationId] ?? "";
      if (text === saved.current) return;
      clearTimeout(timer);
      // What was sent is taken back at once, so that it does not come again on another computer.
      timer = setTimeout(() => void save(), text === "" ? 0 : PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      void save();
    };
  }, [conversationId, drafts]);
}
