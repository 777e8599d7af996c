const STEPS = [0.5, 1, 1.5, 2, 3, 4, 6] as const;

/** Returns the next zoom, bigger for 1, smaller for -1; it stays at either end. */
export function zoomed(zoom: number, step: 1 | -1): number {
  const bigger = STEPS.find((one) => one > zoom + 0.01) ?? zoom;
  const smaller = STEPS.findLast((one) => one < zoom - 0.01) ?? zoom;
  return step === 1 ? bigger : smaller;
}

/** Returns what lies `step` beside the one at `at`, or null at the ends and where it is not among them. */
export function stepped<T>(all: readonly T[], at: number, step: number): T | null {
  return at < 0 ? null : (all[at + step] ?? null);
}
