import { Button, Modal } from "antd";
import { Footprints } from "lucide-react";
import { t, type TextKey } from "@/lib/i18n";
import { shortcuts, type Shortcut } from "@/lib/keys";
import { useStore } from "@/lib/store";
import { Kbd } from "@/ui/Kbd";
import { tourOn } from "@/app/tour/tour";
import { can, useSession } from "@/app/session";
import styles from "@/app/shell/shell.module.css";

/** Returns the shortcuts in force by group, each once, in the order they came into force. */
export function grouped(list: readonly Shortcut[]): [TextKey, Shortcut[]][] {
  const groups = new Map<TextKey, Map<string, Shortcut>>();
  for (const shortcut of list) {
    const group = groups.get(shortcut.group) ?? new Map<string, Shortcut>();
    group.set(`${shortcut.label}${shortcut.keys}`, shortcut);
    groups.set(shortcut.group, group);
  }
  return [...groups].map(([group, found]) => [group, [...found.values()]]);
}

/** Every shortcut that works on this page right now. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const list = useStore(shortcuts);
  const session = useSession();
  const again = () => { onClose(); tourOn.set(can(session, "routing.manage") ? "supervisor" : "agent"); };
  return (
    <Modal open title={t("help.title")} footer={null} onCancel={onClose} width={680}>
      <p className={styles.helpHint}><span className="quiet">{t("help.hint", { keys: "Alt + /" })}</span><Button size="small" icon={<Footprints size={14} />} onClick={again}>{t("tour.again")}</Button></p>
      <div className={styles.helpGroups}>
        {grouped(list).map(([group, found]) => (
          <section key={group} className={styles.helpGroup}>
            <h3>{t(group)}</h3>
            <ul>{found.map((s) => <li key={s.keys + s.label}>{t(s.label)}<Kbd keys={s.keys} /></li>)}</ul>
          </section>
        ))}
      </div>
    </Modal>
  );
}
