const GROUPS = ["pre_sale", "orders", "after_sale", "live", "supervisor"] as const;

/** The words that a field may hold, as the back end's rules know them. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  mode: ["priority", "even"],
  default_group: GROUPS,
  tier: ["new", "growing", "ka"],
  closed: ["next_opening", "pause", "run"],
  anchor: ["first_customer_msg", "last_customer_msg"],
  window_of: ["session_start", "round_start"],
  late_reply: ["capped", "actual"],
  band: ["grey", "yellow", "red"],
};

/** Returns the choices of a field, or null when anything may be written. */
export function choicesOf(field: string): readonly string[] | null {
  return CHOICES[field] ?? null;
}
