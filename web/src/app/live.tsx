import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { notifyManager, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, withShop } from "@/api/client";
import { nowMs } from "@/lib/clock";
import { LiveContext } from "@/live/context";
import type { FeedEvent } from "@/live/protocol";
import { LiveSocket } from "@/live/socket";
import { EventStreamWire, type StreamDoors } from "@/live/stream";
import { applyImportEvent } from "@/features/importing/live";
import { applyInboxEvent } from "@/features/inbox/live";
import { noticeSignal } from "@/features/inbox/presence";
import { applyRoutingEvent } from "@/features/routing/live";
import { applySlaEvent } from "@/features/sla/live";
import { paced } from "@/app/pace";
import { applyOtherEvent } from "@/app/otherEvents";
import { alertPerson } from "@/app/notify";
import { useSlowReplyPopup } from "@/app/slowReply";
import { sessionQuery, useSession } from "@/app/session";
import { onSessionOver } from "@/app/query";

function address(): string {
  const { protocol, host } = globalThis.location;
  return withShop(`${protocol === "https:" ? "wss" : "ws"}://${host}/api/live`);
}

const streamDoors: StreamDoors = {
  source: (query) => new EventSource(withShop(`/api/live/stream?${query}`)),
  beat: () => void api.POST("/api/presence/heartbeats").catch(() => undefined),
  typing: (conversation_id) => void api.POST("/api/conversations/{conversation_id}/typing", { params: { path: { conversation_id } } }).catch(() => undefined),
};

/** Tells what a refused look at the session means: it is over, or nobody answered. */
function holds(error: unknown): boolean | null {
  if (!(error instanceof ApiError) || error.isOffline) return null;
  return error.status !== 401 && error.status !== 403;
}

/** Keeps the one socket of the page, and hands every event to the features that follow it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const session = useSession();
  const me = session.user_id;
  const popUp = useSlowReplyPopup(me);
  const latestPopUp = useRef(popUp);
  latestPopUp.current = popUp;
  const socket = useMemo(() => {
    const apply = (event: FeedEvent) => {
      applyInboxEvent(client, event, me, nowMs());
      applyRoutingEvent(client, event);
      applySlaEvent(client, event);
      applyImportEvent(client, event);
      applyOtherEvent(client, event);
      alertPerson(event, me);
      latestPopUp.current(event);
    };
    const onEvent = paced<FeedEvent>((events) => notifyManager.batch(() => events.forEach(apply)));
    return new LiveSocket(() => new WebSocket(address()), {
      onEvent,
      onResync: () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" }),
      onSignal: (signal) => noticeSignal(signal, me, (id) => socket.view(id)),
      onEnded: () => undefined,
      onRights: () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
      sessionHolds: () => sessionQuery.queryFn().then(() => true, holds),
    }, () => new EventStreamWire(streamDoors));
  }, [client, me]);
  useEffect(() => {
    socket.connect();
    const online = () => socket.connect();
    globalThis.addEventListener("online", online);
    const stop = onSessionOver(() => socket.end());
    return () => {
      globalThis.removeEventListener("online", online);
      stop();
      socket.end();
    };
  }, [socket]);
  return <LiveContext value={socket}>{children}</LiveContext>;
}
