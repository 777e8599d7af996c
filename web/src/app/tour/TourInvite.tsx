import { Button } from "antd";
import { Footprints } from "lucide-react";
import { t } from "@/lib/i18n";
import type { TourName } from "@/app/tour/steps";
import { useTour } from "@/app/tour/tour";
import styles from "@/app/tour/tour.module.css";

/** Offers the tour once. It stands in the page and waits: whoever has a buyer under a countdown is not stopped. */
export function TourInvite({ name }: { name: TourName }) {
  const { isNew, start, done } = useTour(name);
  if (!isNew) return null;
  return (
    <section className={styles.invite} aria-label={t("tour.invite")}>
      <Footprints size={18} aria-hidden />
      <span><b>{t("tour.invite")}</b> {t("tour.inviteHint")}</span>
      <Button type="primary" size="small" onClick={start}>{t("tour.start")}</Button>
      <Button type="text" size="small" onClick={done}>{t("tour.skip")}</Button>
    </section>
  );
}
