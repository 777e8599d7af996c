import type { ReactNode } from "react";
import styles from "@/ui/small.module.css";

export type Tone = "plain" | "accent" | "calm" | "near" | "breached" | "good" | "note";

/** A short word about a thing: label, state, count. */
export function Pill({ tone = "plain", children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return <span className={`${styles.pill} ${styles[tone]}`} title={title}>{children}</span>;
}
