/** One field that differs between two values: its path, and both as text. */
export interface Difference {
  path: string;
  before: string;
  after: string;
}

const plain = (value: unknown): string => (value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));

function walk(before: unknown, after: unknown, path: string, found: Difference[]): void {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) walk(before[key], after[key], path ? `${path}.${key}` : key, found);
  } else if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ path, before: plain(before), after: plain(after) });
}

/** Returns what differs between two values of a policy, field by field. */
export function differences(before: unknown, after: unknown): Difference[] {
  const found: Difference[] = [];
  walk(before, after, "", found);
  return found;
}
