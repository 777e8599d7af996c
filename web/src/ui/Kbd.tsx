import styles from "@/ui/small.module.css";

const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
const NAMES: Record<string, string> = { Alt: MAC ? "⌥" : "Alt", Ctrl: MAC ? "⌘" : "Ctrl", Shift: MAC ? "⇧" : "Shift", ArrowDown: "↓", ArrowUp: "↑", Enter: "↵", Escape: "Esc", Slash: "/" };

/** The keys of a shortcut, as `Alt+ArrowDown`. */
export function Kbd({ keys }: { keys: string }) {
  return <span className={styles.keys}>{keys.split("+").map((key) => <kbd key={key} className={styles.kbd}>{NAMES[key] ?? key}</kbd>)}</span>;
}
