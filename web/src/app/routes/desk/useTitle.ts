import { useEffect } from "react";
import { t } from "@/lib/i18n";

/** Puts the number of waiting chats into the tab's title, so that another tab can see it. */
export function useTitle(waiting: number): void {
  useEffect(() => {
    document.title = waiting > 0 ? t("title.waiting", { n: waiting }) : t("app.name");
    return () => { document.title = t("app.name"); };
  }, [waiting]);
}
