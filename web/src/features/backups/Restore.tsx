import { App, Button } from "antd";
import { t } from "@/lib/i18n";
import { Part } from "@/ui/Sheet";
import { restoreCommand } from "@/features/backups/model";
import styles from "@/features/backups/backups.module.css";

/** How a backup is put back: three steps on the server, with the command to copy. */
export function Restore({ folder, name }: { folder: string; name: string }) {
  const { message } = App.useApp();
  const command = restoreCommand(folder, name);
  const copy = () => void navigator.clipboard.writeText(command).then(() => message.success(t("common.copied")), () => message.error(t("state.failed")));
  return (
    <Part title={t("backups.restore")} hint={t("backups.restoreHint")}>
      <ol className={styles.steps}>
        <li><b>{t("backups.step1")}</b><span className="quiet">{t("backups.stopKeys")}</span></li>
        <li><b>{t("backups.step2")}</b><span className={styles.command}><code>{command}</code><Button size="small" onClick={copy}>{t("common.copy")}</Button></span></li>
        <li><b>{t("backups.step3")}</b><code>miaohui run</code></li>
      </ol>
    </Part>
  );
}
