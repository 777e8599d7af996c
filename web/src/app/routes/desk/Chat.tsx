import { lazy, memo, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ms } from "@/lib/format";
import { t } from "@/lib/i18n";
import { preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";
import { useNow } from "@/lib/useNow";
import { useLive, useTopic } from "@/live/context";
import { ErrorState, LoadingRows } from "@/ui/State";
import { leafThrough } from "@/ui/viewer";
import { labelsQuery, markRead, openedQuery, useOlder, useSend } from "@/features/inbox/api";
import { ChatHeader } from "@/features/inbox/components/ChatHeader";
import { MessageList } from "@/features/inbox/components/MessageList";
import type { Message } from "@/features/inbox/model";
import { picturesIn } from "@/features/inbox/parts";
import { useShownLines } from "@/app/routes/desk/useShownLines";
import { hide } from "@/features/inbox/reveals";
import { around } from "@/features/inbox/presence";
import { draftsOf, withDraft } from "@/features/composer/drafts";
import { Answering } from "@/app/routes/desk/Answering";
import { ChatActions } from "@/app/routes/desk/ChatActions";
import { useNames } from "@/app/names";
import { can, useSession } from "@/app/session";
import styles from "@/app/routes/desk/desk.module.css";

const RevealDialog = lazy(() => import("@/app/routes/desk/RevealDialog").then((found) => ({ default: found.RevealDialog })));

interface Props {
  conversationId: number;
  onBack: () => void;
  onNext: () => void;
}

/** One open chat: its head, its messages, the answer. */
export const Chat = memo(function Chat({ conversationId, onBack, onNext }: Props) {
  const session = useSession();
  const names = useNames();
  const live = useLive();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const opened = useQuery(openedQuery(conversationId, client));
  const labels = useQuery(labelsQuery);
  const older = useOlder(conversationId);
  const send = useSend(conversationId, session.user_id);
  const drafts = draftsOf(session.shop_id, session.user_id);
  const enterSends = useStore(preferences, (p) => p.enterSends);
  useTopic(`conversation:${conversationId}`);
  useEffect(() => {
    live.view(conversationId);
    return () => live.view(null);
  }, [live, conversationId]);

  const [revealing, setRevealing] = useState<Message | null>(null);
  const mayReveal = can(session, "buyers.reveal");
  useEffect(() => hide, [conversationId]);

  const row = opened.data?.row;
  const buyerName = row?.buyer_name_zh ?? "";
  const unread = row?.unread_count ?? 0;
  useReading(conversationId, unread > 0);
  const loadOlder = useCallback(() => older.mutate(), [older.mutate]);
  const { messages, hasOlder, onOlder } = useShownLines(opened.data, names, loadOlder);
  useGallery(messages);
  const actions = useMemo(() => ({
    recall: (line: Message) => void modal.confirm({
      title: t("message.recall"), content: t("message.recallAsk"), okText: t("message.recall"), cancelText: t("common.cancel"),
      onOk: () => send.recall(line).catch((error: Error) => void message.error(`${t("message.recallFailed")}：${error.message}`)),
    }),
    settle: (line: Message, arrived: boolean) => void send.settle(line, arrived).catch((error: Error) => void message.error(error.message)),
    refetch: (line: Message) => void send.refetch(line).catch((error: Error) => void message.error(error.message)),
    me: session.user_id,
    reveal: mayReveal ? setRevealing : undefined,
    resend: (line: Message) => drafts.set((old) => withDraft(old, conversationId, line.text)),
  }), [modal, message, send, drafts, conversationId, mayReveal, session.user_id]);
  const typing = useBuyerTyping(conversationId);

  if (opened.isError && !opened.data) return <section className={styles.chat}><ErrorState error={opened.error} onRetry={() => void opened.refetch()} /></section>;
  if (!opened.data || !row) return <section className={styles.chat}><LoadingRows rows={6} height={64} /></section>;
  const shownLabels = (labels.data ?? []).filter((label) => row.label_ids?.includes(label.id)).map((label) => ({ id: label.id, name: label.name_zh }));
  return (
    <section className={styles.chat} aria-label={buyerName} data-conversation={conversationId}>
      <ChatHeader row={row} agentName={row.agent_id ? (names.agents[row.agent_id] ?? "") : ""} groupName={row.group_id ? (names.groups[row.group_id] ?? "") : ""}
        labels={shownLabels} onBack={onBack} actions={<ChatActions row={row} onDone={onNext} />} />
      <MessageList conversationId={conversationId} messages={messages} channel={row.channel} hasOlder={hasOlder} loadingOlder={older.isPending} onOlder={onOlder} actions={actions} readAt={ms(row.buyer_read_at)} typing={typing ? t("viewers.buyerTyping") : null} />
      {revealing?.id && <Suspense fallback={null}><RevealDialog conversationId={conversationId} messageId={revealing.id} onClose={() => setRevealing(null)} /></Suspense>}
      <Answering opened={opened.data} send={send} drafts={drafts} enterSends={enterSends} />
    </section>
  );
});

/** Lets the viewer leaf through the pictures of the open chat; they are looked up only when one is opened. */
function useGallery(messages: readonly Message[]): void {
  const newest = useRef(messages);
  newest.current = messages;
  useEffect(() => leafThrough(() => picturesIn(newest.current)), []);
}

const READ_EVERY_MS = 1_500;

/** Tells the back end that an open chat is read: at once when it is opened, then at most every second and a half. */
function useReading(conversationId: number, hasUnread: boolean): void {
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!hasUnread || document.hidden) return;
    const timer = setTimeout(() => {
      last.current = performance.now();
      void markRead(conversationId).catch(() => undefined);
    }, Math.max(0, last.current + READ_EVERY_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [conversationId, hasUnread]);
}

function useBuyerTyping(conversationId: number): boolean {
  const until = useStore(around, (state) => state.buyerTypingUntil[conversationId] ?? 0);
  useNow(until > performance.now());
  return until > performance.now();
}
