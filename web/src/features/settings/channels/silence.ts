interface Silence {
  account_id: number;
  since: string;
  ended_at: string | null;
}

/** Returns the silence of an account that has not ended, or null. */
export function openSilence<T extends Silence>(silences: readonly T[], accountId: number): T | null {
  return silences.find((one) => one.account_id === accountId && one.ended_at === null) ?? null;
}
