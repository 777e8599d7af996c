import { useEffect, useRef } from "react";
import { App } from "antd";
import { CloudOff, LogIn } from "lucide-react";
import { Link, useLocation } from "@tanstack/react-router";
import { t } from "@/lib/i18n";
import { useLiveState } from "@/live/context";
import styles from "@/app/shell/shell.module.css";

/** Says once, above the page, that the line is lost or the session over; the page stays usable. */
export function LiveBar() {
  const state = useLiveState();
  const { message } = App.useApp();
  const before = useRef(state);
  const here = useLocation({ select: (location) => location.href });
  useEffect(() => {
    if (before.current === "lost" && state === "live") void message.success(t("live.back"));
    before.current = state;
  }, [state, message]);
  if (state === "lost") return <div className={styles.liveBar} role="status"><CloudOff aria-hidden />{t("live.lost")}</div>;
  if (state === "ended") {
    return (
      <div className={styles.liveBar} data-state="ended" role="alert">
        <LogIn aria-hidden />{t("live.ended")} <Link to="/login" search={{ next: here, why: "ended" }}>{t("login.title")}</Link>
      </div>
    );
  }
  return null;
}
