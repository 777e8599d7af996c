import { useEffect, useMemo, useRef } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { clockTime, dayTitle } from "@/lib/format";
import { t } from "@/lib/i18n";
import { firstOffset, guessOf, scrollAndTell } from "@/features/inbox/place";
import { timeline } from "@/features/inbox/timeline";
import type { Message } from "@/features/inbox/model";
import { MessageLine, type MessageActions } from "@/features/inbox/components/MessageLine";
import styles from "@/features/inbox/components/messages.module.css";

interface Props {
  conversationId: number;
  messages: readonly Message[];
  channel: string;
  hasOlder: boolean;
  loadingOlder: boolean;
  onOlder: () => void;
  actions: MessageActions;
  typing: string | null;
  /** Until when the buyer has read. Units: milliseconds since 1970, 0 when the channel does not tell. */
  readAt: number;
}

const FIRST_GUESS = { width: 700, height: 560 };

/** The messages of one conversation, newest at the bottom; only what is on the screen is in the page. */
export function MessageList({ conversationId, messages, channel, hasOlder, loadingOlder, onOlder, actions, typing, readAt }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const items = useMemo(() => timeline(messages), [messages]);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (n) => guessOf(items[n]),
    getItemKey: (n) => items[n]?.key ?? n,
    overscan: 5,
    initialRect: FIRST_GUESS,
    initialOffset: () => firstOffset(items, globalThis.innerHeight),
    scrollToFn: scrollAndTell,
    anchorTo: "end",
    followOnAppend: true,
    paddingStart: 16,
    paddingEnd: 14,
  });
  const rows = virtual.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  useEffect(() => {
    if (first < 6 && hasOlder && !loadingOlder && items.length > 0) onOlder();
  }, [first, hasOlder, loadingOlder, items.length, onOlder]);
  const opened = useRef(0);
  useEffect(() => {
    if (opened.current === conversationId || items.length === 0) return;
    opened.current = conversationId;
    virtual.scrollToEnd();
  }, [conversationId, items.length, virtual]);
  const away = items.length > 0 && !virtual.isAtEnd(160);
  return (
    <div className={styles.frame}>
      <div ref={box} className={`${styles.list} scroll`} role="log" aria-label={t("message.log")} aria-live="polite" tabIndex={0}>
        <div className={styles.inner} style={{ height: virtual.getTotalSize() }}>
          {rows.map((row) => {
            const item = items[row.index];
            if (!item) return null;
            return (
              <div key={row.key} data-index={row.index} ref={virtual.measureElement} className={styles.slot} style={{ transform: `translateY(${row.start}px)` }}>
                {item.kind === "message" ? (
                  <MessageLine message={item.message} head={item.head} channel={channel} actions={actions} read={item.message.at <= readAt} />
                ) : (
                  <div className={item.kind === "day" ? styles.day : styles.gap}><span>{item.kind === "day" ? dayTitle(item.at) : clockTime(item.at)}</span></div>
                )}
              </div>
            );
          })}
        </div>
      </div>
      {typing && <div className={styles.typing}>{typing}</div>}
      {away && (
        <button type="button" className={styles.toEnd} onClick={() => virtual.scrollToEnd({ behavior: "smooth" })} aria-label={t("message.toEnd")}>
          <ArrowDown size={16} />
        </button>
      )}
    </div>
  );
}
