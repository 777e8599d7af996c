import { useEffect } from "react";
import type { Store } from "@/lib/store";
import type { Drafts } from "@/features/composer/drafts";
import { keptDrafts, withKept } from "@/features/composer/keepDrafts";

/** Brings in, once, what one has written on other computers, or before logging out of this one. */
export function useKeptDrafts(drafts: Store<Drafts>, mayWrite: boolean): void {
  useEffect(() => {
    if (mayWrite) void keptDrafts().then((kept) => drafts.set((all) => withKept(all, kept)), () => undefined);
  }, [drafts, mayWrite]);
}
