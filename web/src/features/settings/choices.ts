const GROUPS = ["pre_sale", "orders", "after_sale", "live", "supervisor"] as const;

/** The words that a field may hold, as the back end's rules know them. A name that two policies use has a list for each. */
const CHOICES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  mode: [["priority", "even"]],
  default_group: [GROUPS],
  tier: [["new", "growing", "ka"]],
  closed: [["next_opening", "pause", "run"]],
  anchor: [["first_customer_msg", "last_customer_msg"], ["first", "last"]],
  window_of: [["session_start", "round_start"]],
  late_reply: [["capped", "actual"]],
  band: [["grey", "yellow", "red"]],
  first_round: [["buyer", "handover"]],
  closing: [["counts", "exempt"]],
  late: [["actual", "capped"]],
  perfunctory: [["closes", "ignored"]],
  keep: [["last", "creator"]],
  platform: [["douyin", "tmall", "jd", "pinduoduo"]],
  better: [["high", "low"]],
};

/** Returns the choices of a field that holds `value`, or null when anything may be written. */
export function choicesOf(field: string, value: string): readonly string[] | null {
  const lists = CHOICES[field];
  return lists ? (lists.find((list) => list.includes(value)) ?? lists[0]!) : null;
}

/** What a new row holds in a list that is empty; other lists begin with a copy of their last row. */
const BLANKS: Readonly<Record<string, Record<string, unknown>>> = {
  days: { platform: "douyin", from_on: "", to_on: "", reason_zh: "" },
  definitions: { platform: "douyin", code: "", version: "", name_zh: "", effective_from: "", effective_to: "9999-12-31", measure: "", formula_zh: "", better: "high", unit: "%", min_sample: 30, params: {} },
};

/** Returns the row with which an empty list begins, or null where it cannot be begun here. */
export function blankOf(field: string): Record<string, unknown> | null {
  return BLANKS[field] ? structuredClone(BLANKS[field]) : null;
}
