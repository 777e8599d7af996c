/** A colleague who can be mentioned in a note. */
export interface Mentionable {
  id: number;
  name: string;
}

/** Returns what stands after the last @ before the caret, or null when no mention is being typed. */
export function mentionSearch(text: string, caret: number): string | null {
  const match = /@([^\s@]{0,20})$/.exec(text.slice(0, caret));
  return match ? match[1]! : null;
}

/** Returns the text with the mention that is being typed completed to a name. */
export function completeMention(text: string, caret: number, name: string): string {
  const before = text.slice(0, caret).replace(/@[^\s@]{0,20}$/, `@${name} `);
  return before + text.slice(caret);
}

/** Returns the colleagues whose whole name stands after an @ in the text. */
export function mentionedIn(text: string, people: readonly Mentionable[]): number[] {
  return people.filter((person) => text.includes(`@${person.name}`)).map((person) => person.id);
}
