import { useState } from "react";
import { pieces, shorten, tame } from "@/features/inbox/text";
import { t } from "@/lib/i18n";
import styles from "@/features/inbox/components/messages.module.css";

/** A message's text: tamed, cut when enormous, addresses as links. Never HTML. */
export function MessageText({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const { text: shown, left } = whole ? { text, left: 0 } : shorten(text);
  return (
    <span className={styles.text} dir="auto">
      {pieces(tame(shown)).map((piece, n) =>
        piece.href ? <a key={n} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a> : piece.text)}
      {left > 0 && (
        <button type="button" className={styles.moreText} onClick={() => setWhole(true)}>
          {t("message.more", { n: left.toLocaleString() })}
        </button>
      )}
    </span>
  );
}
