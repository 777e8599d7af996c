import { createSavedStore } from "@/lib/store";

/** What one person sets for herself on this computer. */
export interface Preferences {
  locale: "zh" | "en";
  scheme: "light" | "dark" | "system";
  density: "compact" | "comfortable";
  sound: boolean;
  desktop: boolean;
  enterSends: boolean;
  rightPanel: boolean;
}

export const preferences = createSavedStore<Preferences>("miaohui.preferences", {
  locale: (globalThis.navigator?.language ?? "zh").startsWith("en") ? "en" : "zh",
  scheme: "system",
  density: "comfortable",
  sound: true,
  desktop: false,
  enterSends: true,
  rightPanel: true,
});

/** Changes some of the preferences. */
export function prefer(change: Partial<Preferences>): void {
  preferences.set((old) => ({ ...old, ...change }));
}
