import { useState } from "react";
import { App, Button, Popover, Segmented, Switch } from "antd";
import { LogOut } from "lucide-react";
import { t } from "@/lib/i18n";
import { chooseLocale } from "@/lib/i18n/speak";
import { prefer, preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { BuyerFace } from "@/ui/BuyerFace";
import { draftsOf } from "@/features/composer/drafts";
import { unkept } from "@/features/composer/keepDrafts";
import { logOut, useSession } from "@/app/session";
import styles from "@/app/shell/shell.module.css";

/** One's own name, what one sets for oneself on this computer, and the way out. */
export function MeMenu() {
  const session = useSession();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" content={<Preferences />}>
      <button type="button" className={styles.me} aria-label={t("shell.me")}>
        <BuyerFace name={session.name} size={28} />
        <span className={`${styles.meName} clip`}>{session.name}</span>
      </button>
    </Popover>
  );
}

function Preferences() {
  const p = useStore(preferences);
  const { message, modal } = App.useApp();
  const session = useSession();
  const [leaving, setLeaving] = useState(false);
  const leave = async () => {
    setLeaving(true);
    const lost = await unkept(draftsOf(session.shop_id, session.user_id).get());
    setLeaving(false);
    if (lost.length === 0) return logOut();
    modal.confirm({ title: t("logout.unsaved", { n: lost.length }), content: t("logout.unsavedHint"), okText: t("logout.anyway"), okButtonProps: { danger: true }, cancelText: t("logout.stay"), onOk: logOut });
  };
  const askDesktop = async (on: boolean) => {
    if (!on) return prefer({ desktop: false });
    const answer = await globalThis.Notification?.requestPermission();
    prefer({ desktop: answer === "granted" });
    if (answer !== "granted") void message.warning(t("prefs.desktopDenied"));
  };
  return (
    <div className={styles.prefs}>
      <div><b>{session.name}</b> <span className="quiet">{t(`role.${session.role}`)}</span></div>
      <label className={styles.pref}>{t("prefs.scheme")}
        <Segmented size="small" value={p.scheme} onChange={(scheme) => prefer({ scheme })}
          options={(["light", "dark", "system"] as const).map((value) => ({ value, label: t(`prefs.scheme.${value}`) }))} />
      </label>
      <label className={styles.pref}>{t("prefs.density")}
        <Segmented size="small" value={p.density} onChange={(density) => prefer({ density })}
          options={(["compact", "comfortable"] as const).map((value) => ({ value, label: t(`prefs.density.${value}`) }))} />
      </label>
      <label className={styles.pref}>{t("prefs.language")}
        <Segmented size="small" value={p.locale} onChange={chooseLocale} options={(["zh", "en"] as const).map((value) => ({ value, label: t(`language.${value}`) }))} />
      </label>
      <label className={styles.pref}>{t("prefs.sound")}<Switch size="small" checked={p.sound} onChange={(sound) => prefer({ sound })} /></label>
      <label className={styles.pref}>{t("prefs.desktop")}<Switch size="small" checked={p.desktop} onChange={(on) => void askDesktop(on)} /></label>
      <label className={styles.pref}>{t("prefs.enterSends")}<Switch size="small" checked={p.enterSends} onChange={(enterSends) => prefer({ enterSends })} /></label>
      <Button block icon={<LogOut size={14} />} loading={leaving} onClick={() => void leave()}>{t("shell.logout")}</Button>
    </div>
  );
}
