import type { MouseEventHandler, ReactNode } from "react";
import { Tooltip } from "antd";
import { Kbd } from "@/ui/Kbd";
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

/** A quiet button of one icon, with its name and shortcut on hover and for a screen reader. */
export function IconButton({ label, icon, keys, onClick, disabled, active, danger, placement = "bottom" }: Props) {
  return (
    <Tooltip title={<span className={styles.tip}>{label}{keys && <Kbd keys={keys} />}</span>} placement={placement} mouseEnterDelay={0.4}>
      <button type="button" className={`${styles.iconButton} ${active ? styles.active : ""} ${danger ? styles.danger : ""}`}
        aria-label={label} aria-pressed={active} aria-keyshortcuts={keys} onClick={onClick} disabled={disabled}>
        {icon}
      </button>
    </Tooltip>
  );
}
