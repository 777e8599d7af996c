import { duration, fullTime, ms } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useNow } from "@/lib/useNow";
import { Pill } from "@/ui/Pill";

const SOON_S = 6 * 3_600;

/** A platform's deadline of hours or days: how long is left, in words, near from six hours on. */
export function DueTime({ at }: { at: string }) {
  const left = (ms(at) - useNow()) / 1_000;
  const text = left >= 0 ? t("wait.left", { time: duration(left) }) : t("wait.over", { time: duration(-left) });
  return <Pill tone={left < 0 ? "breached" : left < SOON_S ? "near" : "plain"} title={fullTime(at)}>{text}</Pill>;
}
