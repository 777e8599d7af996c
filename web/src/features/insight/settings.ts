interface Policy {
  kind: string;
  effective_from: string;
  value: Record<string, unknown>;
  reason: string;
  set_by: string;
}

export type RuleSettings = Record<string, Record<string, unknown>>;

/** Returns a shop's own thresholds that hold on a day, with who set them and why. */
export function settingsInForce(policies: readonly Policy[], day: string): { value: RuleSettings; reason: string; by: string } {
  const found = policies.filter((one) => one.kind === "rule_settings" && one.effective_from <= day).toSorted((a, b) => b.effective_from.localeCompare(a.effective_from))[0];
  return { value: (found?.value ?? {}) as RuleSettings, reason: found?.reason ?? "", by: found?.set_by ?? "" };
}
