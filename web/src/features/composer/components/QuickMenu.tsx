import { useEffect, useRef } from "react";
import { t } from "@/lib/i18n";
import { Kbd } from "@/ui/Kbd";
import type { QuickReply } from "@/features/composer/quick";
import styles from "@/features/composer/components/composer.module.css";

interface Props {
  found: readonly QuickReply[];
  chosen: number;
  search: string;
  onPick: (reply: QuickReply) => void;
  onHover: (n: number) => void;
}

/** The quick replies that fit what stands after the slash. */
export function QuickMenu({ found, chosen, search, onPick, onHover }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div className={styles.menu}>
      {found.length === 0 ? (
        <p className={styles.none}>{search ? t("quick.none", { search }) : t("quick.empty")}</p>
      ) : (
        <ul ref={list} id="quick-menu" role="listbox" aria-label={t("composer.quick")} className="scroll">
          {found.map((reply, n) => (
            <li key={reply.id} role="option" aria-selected={n === chosen} className={n === chosen ? styles.chosen : ""} onMouseMove={() => onHover(n)} onMouseDown={(e) => { e.preventDefault(); onPick(reply); }}>
              <b className="clip">{reply.title}</b>
              {reply.shortcut && <code>/{reply.shortcut}</code>}
              <span className="clip">{reply.text}</span>
            </li>
          ))}
        </ul>
      )}
      <footer><Kbd keys="ArrowUp" /><Kbd keys="ArrowDown" /> {t("quick.choose")} <Kbd keys="Enter" /> {t("quick.take")} <Kbd keys="Escape" /> {t("common.close")}</footer>
    </div>
  );
}
