import { expect, test } from "vitest";
import { dark, light, properties, type Palette } from "@/ui/tokens";

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((n) => {
    const c = Number.parseInt(hex.slice(n, n + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (a: string, b: string) => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

const PAIRS: [keyof Palette, keyof Palette][] = [
  ["ink", "canvas"], ["ink", "surface"], ["ink", "raised"], ["ink2", "surface"], ["ink2", "sunken"], ["ink3", "surface"], ["ink3", "canvas"], ["ink3", "hover"], ["ink3", "selected"],
  ["inkOnAccent", "accent"], ["accentInk", "surface"], ["accentInk", "accentSoft"], ["accentInk", "selected"], ["calm", "surface"], ["calm", "selected"], ["near", "nearSoft"], ["near", "surface"],
  ["breachedInk", "breached"], ["breached", "surface"], ["breached", "breachedSoft"], ["good", "goodSoft"], ["mineInk", "mine"], ["ink", "buyer"], ["ink", "robot"], ["ink", "note"],
  ["ink2", "note"], ["tintInk", "tint1"], ["tintInk", "tint2"], ["tintInk", "tint3"], ["tintInk", "tint4"], ["tintInk", "tint5"], ["inkOnAccent", "channelDouyin"], ["inkOnAccent", "channelWeb"]];

for (const [name, palette] of [["light", light], ["dark", dark]] as const) {
  test.each(PAIRS)(`${name}: %s can be read on %s (WCAG 2.2 AA, 4.5 : 1)`, (text, ground) => {
    expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });
}

test("breached differs from near and calm in brightness too, for those who see no colour", () => {
  for (const palette of [light, dark]) {
    const fills = [palette.surface, palette.nearSoft, palette.breached].map(luminance);
    expect(Math.abs(fills[2]! - fills[0]!)).toBeGreaterThan(0.2);
    expect(Math.abs(fills[2]! - fills[1]!)).toBeGreaterThan(0.15);
  }
});

test("tokens become custom properties", () => {
  expect(properties("light", "compact")).toMatchObject({ "--ink-2": light.ink2, "--near-soft": light.nearSoft, "--d-row": "52px" });
});
