import { useState } from "react";
import { pieces, shorten, tame } from "@/features/inbox/text";
import { t } from "@/lib/i18n";
import styles from "@/features/inbox/components/messages.module.css";

const FIRST = 4_000;
const STEP = 40_000;

/** A message's text: tamed, shown piece by piece when enormous, addresses as links. Never HTML. */
export function MessageText({ text }: { text: string }) {
  const [steps, setSteps] = useState(0);
  const { text: shown, left } = shorten(text, FIRST + steps * STEP);
  return (
    <span className={styles.text} dir="auto">
      {pieces(tame(shown)).map((piece, n) =>
        piece.href ? <a key={n} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a> : piece.text)}
      {left > 0 && (
        <button type="button" className={styles.moreText} onClick={() => setSteps((n) => n + 1)}>
          {t("message.more", { n: Math.min(left, STEP).toLocaleString() })}
        </button>
      )}
    </span>
  );
}
