import { Hourglass, MessageCircleWarning, Unplug } from "lucide-react";
import { nowMs } from "@/lib/clock";
import { soonTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";

interface Props {
  window: { is_open: boolean; reason: string; reason_zh: string; remaining: number | null; closes_at: string | null };
}

/** What the channel still allows, before it becomes an error: how many messages, until when. */
export function SendWindowHint({ window }: Props) {
  if (!window.is_open) return <Pill tone="breached"><MessageCircleWarning size={12} aria-hidden /> {tOr(`window.${window.reason}`, window.reason_zh)}</Pill>;
  return (
    <>
      {window.reason === "offline" && <Pill tone="near"><Unplug size={12} aria-hidden /> {t("window.offline")}</Pill>}
      {window.remaining !== null && <Pill tone={window.remaining <= 1 ? "near" : "plain"}>{t("window.left", { n: window.remaining })}</Pill>}
      {window.closes_at && <Pill><Hourglass size={11} aria-hidden /> {t("window.until", { time: soonTime(window.closes_at, nowMs()) })}</Pill>}
    </>
  );
}
