/**
 * One clock for the page: the server's time, carried on by the browser's steady timer.
 * A wrong PC clock, or one that is set while the page is open, does not move a countdown.
 */
type Listener = () => void;

let baseMs = typeof performance === "undefined" ? Date.now() : performance.timeOrigin;
let bestRttMs = Number.POSITIVE_INFINITY;
const steady = () => (typeof performance === "undefined" ? Date.now() - baseMs : performance.now());

/** Returns the server's time now. Units: milliseconds since 1970. */
export function nowMs(): number {
  return baseMs + steady();
}

/**
 * Takes one answer of the server as evidence of its time. The answer with the shortest way counts most;
 * a jump of more than two seconds is believed at once (the server's clock was set, or it moves in a demo).
 * Units: milliseconds; `sentSteadyMs` is `steadyMs()` when the question left.
 */
export function learnServerTime(serverMs: number, sentSteadyMs: number, receivedSteadyMs = steady()): void {
  const rttMs = Math.max(0, receivedSteadyMs - sentSteadyMs);
  const estimate = serverMs + rttMs / 2 - receivedSteadyMs;
  if (rttMs <= bestRttMs || Math.abs(estimate - baseMs) > 2_000) {
    bestRttMs = rttMs;
    baseMs = estimate;
  } else {
    bestRttMs = Math.min(bestRttMs * 1.2, 5_000);
  }
}

/** Returns the steady time, to be passed to `learnServerTime`. Units: milliseconds since the page opened. */
export function steadyMs(): number {
  return steady();
}

/** Forgets what was learned. For tests. */
export function resetClock(startMs: number): void {
  baseMs = startMs - steady();
  bestRttMs = Number.POSITIVE_INFINITY;
}

const listeners = new Set<Listener>();
let timer: ReturnType<typeof setTimeout> | undefined;
let tickMs = 0;

function beat(): void {
  tickMs = nowMs();
  for (const listener of Array.from(listeners)) listener();
  if (listeners.size > 0) timer = setTimeout(beat, 1_000 - (nowMs() % 1_000) + 2);
  else timer = undefined;
}

/** Calls `listener` once a second, on the second, for as long as it is subscribed. One timer serves all. */
export function subscribeTick(listener: Listener): () => void {
  listeners.add(listener);
  timer ??= setTimeout(beat, 1_000 - (nowMs() % 1_000) + 2);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== undefined) {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

/**
 * Returns the time of the last beat: stable between beats, as React asks of a snapshot. While nobody is subscribed it
 * is the whole second: a value that differed at every call would make React render for ever.
 */
export function tickSnapshot(): number {
  const now = nowMs();
  if (timer === undefined || Math.abs(now - tickMs) > 1_500) tickMs = Math.floor(now / 1_000) * 1_000;
  return tickMs;
}
