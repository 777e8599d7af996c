/** A reply clock as the back end sends it. Units: milliseconds since 1970. */
export interface ReplyClock {
  startedAt: number;
  dueAt: number;
  /** When the system begins to warn, if the policy says so. */
  warnAt?: number | null;
}

export type WaitState = "calm" | "near" | "breached";

export interface Wait {
  state: WaitState;
  /** Whole seconds until the deadline, rounded up; after it, whole seconds past it, rounded down. */
  seconds: number;
  /** The share of the time that is used up, 0–1. */
  used: number;
  /** How long the buyer has waited, whole seconds. */
  waitedS: number;
}

/** Returns when the clock turns from calm to near: the policy's moment, else the last third, at least five seconds. */
export function nearFrom(clock: ReplyClock): number {
  if (clock.warnAt) return clock.warnAt;
  const third = (clock.dueAt - clock.startedAt) / 3;
  return clock.dueAt - Math.max(5_000, third);
}

/** Returns how a reply clock stands at `now`. Breached begins at the deadline itself, as on the server. */
export function waitOf(clock: ReplyClock, now: number): Wait {
  const left = clock.dueAt - now;
  const total = Math.max(1, clock.dueAt - clock.startedAt);
  const waitedS = Math.max(0, Math.floor((now - clock.startedAt) / 1_000));
  if (left <= 0) return { state: "breached", seconds: Math.floor((now - clock.dueAt) / 1_000), used: 1, waitedS };
  const used = Math.min(1, Math.max(0, 1 - left / total));
  return { state: now >= nearFrom(clock) ? "near" : "calm", seconds: Math.ceil(left / 1_000), used, waitedS };
}

/** The labels that agents know from the platform's desk: waiting for 1, 2, 3, 5, 10 minutes. Units: minutes. */
export const WAIT_LABELS = [10, 5, 3, 2, 1] as const;

/** Returns the greatest label that a wait has reached, in minutes, or null below one minute. Source: spec, domain §5.1. */
export function waitLabel(waitedS: number): (typeof WAIT_LABELS)[number] | null {
  return WAIT_LABELS.find((minutes) => waitedS >= minutes * 60) ?? null;
}
