import { lazy, Suspense, useState } from "react";
import { Outlet } from "@tanstack/react-router";
import { t } from "@/lib/i18n";
import { useShortcuts } from "@/lib/keys";
import { useStore } from "@/lib/store";
import { Tips } from "@/ui/Tips";
import { HelpDialog } from "@/app/shell/HelpDialog";
import { Rail } from "@/app/shell/Rail";
import { TopBar } from "@/app/shell/TopBar";
import { LiveBar } from "@/app/shell/LiveBar";
import { ReserveBar } from "@/app/shell/ReserveBar";
import { tourOn } from "@/app/tour/tour";
import styles from "@/app/shell/shell.module.css";

const TourShow = lazy(() => import("@/app/tour/TourShow"));

/** The frame around every page: rail, top bar, the word about a lost connection, shortcuts. */
export function Shell() {
  const [help, setHelp] = useState(false);
  const tour = useStore(tourOn);
  useShortcuts([
    { keys: "?", label: "shell.help", group: "nav.main", run: () => setHelp(true) },
    { keys: "Alt+/", label: "shell.help", group: "nav.main", typing: true, run: () => setHelp((open) => !open) },
  ]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">{t("nav.skip")}</a>
      <Rail onHelp={() => setHelp(true)} />
      <TopBar />
      <main id="main" className={styles.main} tabIndex={-1}>
        <LiveBar />
        <ReserveBar />
        <div className={styles.page}><Outlet /></div>
      </main>
      <Tips />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
      {tour && <Suspense fallback={null}><TourShow key={tour} name={tour} /></Suspense>}
    </div>
  );
}
