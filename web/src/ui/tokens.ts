/**
 * Every colour, size and radius of the pages. The only file with literal colours (docs/design.md).
 * Written to `:root` as `--name`; antd's theme is made of the same values.
 */
export interface Palette {
  canvas: string; surface: string; sunken: string; raised: string; hover: string; selected: string;
  line: string; lineStrong: string;
  ink: string; ink2: string; ink3: string; inkOnAccent: string;
  accent: string; accentHover: string; accentSoft: string; accentInk: string;
  calm: string; calmSoft: string; near: string; nearSoft: string; breached: string; breachedInk: string; breachedSoft: string;
  good: string; goodSoft: string;
  mine: string; mineInk: string; buyer: string; robot: string; note: string; noteLine: string;
  mark: string; shadow: string; scrim: string;
  tint1: string; tint2: string; tint3: string; tint4: string; tint5: string; tintInk: string;
  channelDouyin: string; channelWeb: string; channelBridge: string; channelOther: string;
}

export const light: Palette = {
  canvas: "#f2f3f0", surface: "#fdfdfc", sunken: "#ebede8", raised: "#ffffff", hover: "#f0f2ee", selected: "#e4eafb",
  line: "#e0e3dc", lineStrong: "#c9cec4",
  ink: "#1d2126", ink2: "#4d545c", ink3: "#5c646c", inkOnAccent: "#ffffff",
  accent: "#2450b8", accentHover: "#1b419b", accentSoft: "#e7edfb", accentInk: "#1c4197",
  calm: "#2b6777", calmSoft: "#e3eff1", near: "#8f4a00", nearSoft: "#ffecca", breached: "#bd1f2d", breachedInk: "#ffffff", breachedSoft: "#fce8e8",
  good: "#1f6b45", goodSoft: "#e2f1e8",
  mine: "#dbe5fc", mineInk: "#16213d", buyer: "#ffffff", robot: "#eae6f6", note: "#fdf4d7", noteLine: "#d9bf6b",
  mark: "#ffe58a", shadow: "rgba(25, 32, 45, 0.10)", scrim: "rgba(25, 32, 45, 0.45)",
  tint1: "#d7e3ea", tint2: "#e7dfd0", tint3: "#dbe7da", tint4: "#e6dbe6", tint5: "#dcdff0", tintInk: "#353c44",
  channelDouyin: "#23252b", channelWeb: "#2b6777", channelBridge: "#6b4ba3", channelOther: "#656d75",
};

export const dark: Palette = {
  canvas: "#14171a", surface: "#1b1f23", sunken: "#101315", raised: "#22272c", hover: "#262b31", selected: "#243355",
  line: "#2d3339", lineStrong: "#454d55",
  ink: "#e8eae6", ink2: "#b4bbc1", ink3: "#a0a9b1", inkOnAccent: "#ffffff",
  accent: "#4069c9", accentHover: "#5179d8", accentSoft: "#1f2d4e", accentInk: "#a9c1ff",
  calm: "#7fbccb", calmSoft: "#1b3138", near: "#ffb54d", nearSoft: "#402c0c", breached: "#ff6b6b", breachedInk: "#2a0505", breachedSoft: "#43191c",
  good: "#77cfa0", goodSoft: "#16321f",
  mine: "#27406f", mineInk: "#eef2ff", buyer: "#262b31", robot: "#332e47", note: "#37301a", noteLine: "#7b6a32",
  mark: "#6b5608", shadow: "rgba(0, 0, 0, 0.45)", scrim: "rgba(0, 0, 0, 0.6)",
  tint1: "#2c3d47", tint2: "#463d2d", tint3: "#2d4030", tint4: "#433143", tint5: "#323750", tintInk: "#d5dadd",
  channelDouyin: "#5a6068", channelWeb: "#3c7888", channelBridge: "#8a6cc4", channelOther: "#6f7880",
};

export const FONT =
  '"PingFang SC", "HarmonyOS Sans SC", "MiSans", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", system-ui, "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif';
export const MONO = '"SF Mono", "JetBrains Mono", "Cascadia Mono", Menlo, Consolas, monospace';

/** Sizes that follow the density. Units: CSS pixels. */
export const densities = {
  compact: { row: 52, gap: 8, pad: 10, avatar: 28, control: 28, text: 13, message: 13, line: 20, bubble: 7 },
  comfortable: { row: 68, gap: 10, pad: 14, avatar: 36, control: 32, text: 13, message: 14, line: 22, bubble: 9 },
} as const;

export type Scheme = "light" | "dark";
export type Density = keyof typeof densities;

const dashed = (name: string) => name.replace(/[A-Z0-9]/g, (c) => `-${c.toLowerCase()}`);

/** Returns the custom properties of a scheme and density, as `--name` to value. */
export function properties(scheme: Scheme, density: Density): Record<string, string> {
  const found: Record<string, string> = { "--font": FONT, "--mono": MONO };
  for (const [name, value] of Object.entries(scheme === "dark" ? dark : light)) found[`--${dashed(name)}`] = value;
  for (const [name, value] of Object.entries(densities[density])) found[`--d-${name}`] = `${value}px`;
  return found;
}

/** Writes the tokens to the page, so that style sheets can use them. */
export function applyTokens(scheme: Scheme, density: Density): void {
  const root = document.documentElement;
  for (const [name, value] of Object.entries(properties(scheme, density))) root.style.setProperty(name, value);
  root.dataset.scheme = scheme;
  root.dataset.density = density;
  root.style.colorScheme = scheme;
}
