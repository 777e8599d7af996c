/** What the pacer needs of the browser; tests bring their own. Units: milliseconds. */
export interface Beat {
  now(): number;
  later(run: () => void, ms: number): void;
  /** Tells whether the person has pressed something that waits to be handled. */
  isInputPending(): boolean;
}

const QUIET_MS = 120;
const YIELD_MS = 12;
const MOST_YIELDS = 8;

const page: Beat = {
  now: () => performance.now(),
  later: (run, ms) => void setTimeout(run, ms),
  isInputPending: () => (navigator as Navigator & { scheduling?: { isInputPending?(): boolean } }).scheduling?.isInputPending?.() ?? false,
};

/**
 * Returns what takes events one by one and hands them on together, in their order: at once when it is quiet, at most
 * about eight times a second when many come, and after the key that is being pressed. So the cost of news is paid
 * once for many, and never between a key and its character.
 */
export function paced<T>(apply: (events: readonly T[]) => void, beat: Beat = page): (event: T) => void {
  let waiting: T[] = [];
  let isDue = false;
  let last = Number.NEGATIVE_INFINITY;
  const run = (yields: number) => {
    if (beat.isInputPending() && yields < MOST_YIELDS) return beat.later(() => run(yields + 1), YIELD_MS);
    const events = waiting;
    waiting = [];
    isDue = false;
    last = beat.now();
    apply(events);
  };
  return (event) => {
    waiting.push(event);
    if (isDue) return;
    isDue = true;
    beat.later(() => run(0), Math.max(0, last + QUIET_MS - beat.now()));
  };
}
