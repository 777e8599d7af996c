import { Eye, EyeOff } from "lucide-react";
import { t } from "@/lib/i18n";
import { useStore } from "@/lib/store";
import { useNow } from "@/lib/useNow";
import { hide, revealed } from "@/features/inbox/reveals";
import { tame } from "@/features/inbox/text";
import styles from "@/features/inbox/components/messages.module.css";

/** Under a message with a masked number: the way to see it in clear, and for half a minute the number itself. */
export function InClear({ messageId, onAsk }: { messageId: number; onAsk: () => void }) {
  const shown = useStore(revealed, (all) => all[messageId]);
  useNow(shown !== undefined);
  if (!shown) return <button type="button" className={styles.reveal} onClick={onAsk}><Eye size={12} aria-hidden /> {t("reveal.ask")}</button>;
  const left = Math.max(0, Math.ceil((shown.until - performance.now()) / 1_000));
  return (
    <span className={styles.clear} role="status">
      <span dir="auto">{tame(shown.text)}</span>
      <button type="button" className={styles.reveal} onClick={() => hide(messageId)}><EyeOff size={12} aria-hidden /> {t("reveal.hide", { n: left })}</button>
    </span>
  );
}
