import { useSyncExternalStore } from "react";
import { subscribeTick, tickSnapshot } from "@/lib/clock";

const never = () => () => undefined;

/** Returns the server's time, renewed every second. With `running` false it stands still and costs nothing. */
export function useNow(running = true): number {
  return useSyncExternalStore(running ? subscribeTick : never, tickSnapshot, tickSnapshot);
}
