import type { TextKey } from "@/lib/i18n";

export const TOURS = ["agent", "supervisor"] as const;
export type TourName = (typeof TOURS)[number];

export interface Step {
  /** What of the page it is about; without one, or where it is not there, the step stands in the middle. */
  target: string | null;
  title: TextKey;
  text: TextKey;
}

const step = (target: string | null, name: string) => ({ target, title: `tour.${name}` as TextKey, text: `tour.${name}.text` as TextKey });

/** What a newcomer is shown, in the order of the first minutes at work. */
export const STEPS: Readonly<Record<TourName, readonly Step[]>> = {
  agent: [
    step('[data-tour="presence"]', "presence"),
    step('[data-tour="list"]', "list"),
    step('[data-tour="burn"]', "burn"),
    step('[data-tour="composer"]', "composer"),
    step('[data-tour="side"]', "side"),
    step('[data-tour="help"]', "help"),
  ],
  supervisor: [
    step('[data-tour="figures"]', "figures"),
    step('[data-tour="people"]', "people"),
    step('[data-tour="burning"]', "burning"),
    step('[data-tour="live"]', "guard"),
    step('[data-tour="nav-desk"]', "bulk"),
    step('[data-tour="help"]', "help"),
  ],
};

/** Where a tour begins. */
export const HOME: Readonly<Record<TourName, "/desk" | "/board">> = { agent: "/desk", supervisor: "/board" };
