import { createContext, useContext, useEffect } from "react";
import { useStore } from "@/lib/store";
import type { LiveSocket, LiveState } from "@/live/socket";

export const LiveContext = createContext<LiveSocket | null>(null);

/** Returns the live socket of the page. Raises: Error outside of its provider. */
export function useLive(): LiveSocket {
  const socket = useContext(LiveContext);
  if (!socket) throw new Error("no live socket above this component");
  return socket;
}

/** Returns whether the feed is live. */
export function useLiveState(): LiveState {
  return useStore(useLive().state);
}

/** Follows a topic of the feed while the component is there; null follows nothing. */
export function useTopic(topic: string | null): void {
  const socket = useLive();
  useEffect(() => (topic ? socket.follow(topic) : undefined), [socket, topic]);
}
