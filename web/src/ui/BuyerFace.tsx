import { tOr } from "@/lib/i18n";
import styles from "@/ui/BuyerFace.module.css";

const TONES: Record<string, string> = { doudian: "douyin", douyin_im: "douyin", douyin: "douyin", widget: "web", bridge: "bridge", feige: "bridge", qianniu: "bridge" };

/** Returns a stable tint for a name, 1–5. */
export function tintOf(name: string): number {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9_973;
  return (sum % 5) + 1;
}

/** Returns the character that stands for a person: the first that says something. */
export function initialOf(name: string): string {
  const clean = name.replace(/[\s\p{Cf}\p{P}\p{S}]/gu, "");
  return [...(clean || name)][0]?.toUpperCase() ?? "·";
}

/** A person's face with the platform's sign at its corner. */
export function BuyerFace({ name, channel, size }: { name: string; channel?: string; size?: number }) {
  return (
    <span className={styles.face} style={{ background: `var(--tint-${tintOf(name)})`, ...(size ? { width: size, height: size, fontSize: size * 0.42 } : {}) }} aria-hidden>
      {initialOf(name)}
      {channel && <i className={`${styles.sign} ${styles[TONES[channel] ?? "other"]}`}>{tOr(`sign.${channel}`, channel.slice(0, 1).toUpperCase())}</i>}
    </span>
  );
}
