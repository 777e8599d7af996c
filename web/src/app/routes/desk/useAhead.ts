import { useEffect, useMemo } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { openedQuery } from "@/features/inbox/api";

/** Returns the conversation whose row of the list is under the pointer. */
export function rowUnder(target: EventTarget): number | undefined {
  const row = target instanceof Element ? target.closest("[role=listbox] [id^=conversation-]") : null;
  return row ? Number(row.id.slice("conversation-".length)) : undefined;
}

/** How long the pointer rests on a row before its chat is fetched: who only passes over the list fetches nothing. */
const REST_MS = 90;

/** What fetches chats before they are opened. Both take `undefined` where there is none. */
export interface Ahead {
  /** Fetches now: at a press that becomes a click, the moment a chat is opened, the next urgent one beforehand. */
  now(id: number | undefined): void;
  /** Fetches if the pointer stays there; leaving for another row or none calls it off. One at a time. */
  rest(id: number | undefined): void;
}

/** Returns what fetches ahead by `load`. `stop` calls off what waits. */
export function ahead(load: (id: number) => void, restMs = REST_MS): Ahead & { stop(): void } {
  let under: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => { clearTimeout(timer); under = undefined; };
  return {
    stop,
    now: (id) => { if (id !== undefined) load(id); },
    rest: (id) => {
      if (id === under) return;
      stop();
      under = id;
      if (id !== undefined) timer = setTimeout(() => load(id), restMs);
    },
  };
}

/** Returns what fetches a chat into the cache before it is opened; what is fresh there is not fetched again. */
export function useAhead(): Ahead {
  const client = useQueryClient();
  const found = useMemo(() => ahead((id) => void client.prefetchQuery(openedQuery(id, client))), [client]);
  useEffect(() => found.stop, [found]);
  return found;
}
