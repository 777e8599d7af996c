import { Link } from "@tanstack/react-router";
import { ChartSpline, CircleHelp, Gauge, Headset, Settings2, SunMedium } from "lucide-react";
import { t, type TextKey } from "@/lib/i18n";
import { IconButton } from "@/ui/IconButton";
import { Logo } from "@/ui/Logo";
import { can, useSession } from "@/app/session";
import styles from "@/app/shell/shell.module.css";

const PLACES = [
  { to: "/desk", label: "nav.desk", icon: <Headset />, needs: "inbox.read" },
  { to: "/board", label: "nav.board", icon: <Gauge />, needs: "routing.manage" },
  { to: "/today", label: "nav.today", icon: <SunMedium />, needs: "insight.read" },
  { to: "/insight", label: "nav.insight", icon: <ChartSpline />, needs: "insight.read" },
  { to: "/settings", label: "nav.settings", icon: <Settings2 />, needs: "session" },
] as const satisfies readonly { to: string; label: TextKey; icon: React.ReactNode; needs: string }[];

/** The places one may go to. At the bottom of the screen on a phone. */
export function Rail({ onHelp }: { onHelp: () => void }) {
  const session = useSession();
  return (
    <nav className={styles.rail} aria-label={t("nav.main")}>
      <span className={styles.brand} title={t("app.name")}><Logo /></span>
      {PLACES.filter((place) => can(session, place.needs)).map((place) => (
        <Link key={place.to} data-tour={`nav${place.to.replace("/", "-")}`} to={place.to} className={styles.link ?? ""} activeProps={{ className: styles.current ?? "", "aria-current": "page" }}>
          {place.icon}
          {t(place.label)}
        </Link>
      ))}
      <span className={styles.spring} />
      <span className={styles.help} data-tour="help"><IconButton label={t("shell.help")} keys="?" icon={<CircleHelp />} onClick={onHelp} placement="right" /></span>
    </nav>
  );
}
