import type { MouseEventHandler, ReactNode } from "react";
import styles from "@/ui/small.module.css";

interface Props {
  label: string;
  icon: ReactNode;
  keys?: string;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  disabled?: boolean;
  active?: boolean;
  danger?: boolean;
  placement?: "top" | "bottom" | "left" | "right";
}

/** A quiet button of one icon, with its name and shortcut on hover (`Tips`) and for a screen reader. */
export function IconButton({ label, icon, keys, onClick, disabled, active, danger, placement = "bottom" }: Props) {
  return (
    <button type="button" className={`${styles.iconButton} ${active ? styles.active : ""} ${danger ? styles.danger : ""}`} data-tip={label} data-tip-keys={keys} data-tip-side={placement}
      aria-label={label} aria-pressed={active} aria-keyshortcuts={keys} onClick={onClick} disabled={disabled}>
      {icon}
    </button>
  );
}
