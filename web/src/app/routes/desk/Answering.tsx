import { useCallback, useEffect, useMemo, useRef } from "react";
import { App } from "antd";
import { useQuery } from "@tanstack/react-query";
import { steadyMs } from "@/lib/clock";
import { t, tOr } from "@/lib/i18n";
import { useStore, type Store } from "@/lib/store";
import { useLive } from "@/live/context";
import type { Sending } from "@/features/inbox/api";
import type { Part } from "@/features/inbox/parts";
import type { Opened } from "@/features/inbox/live";
import { Composer } from "@/features/composer/components/Composer";
import { VoiceButton } from "@/features/composer/components/VoiceButton";
import { SendWindowHint } from "@/features/composer/components/SendWindowHint";
import { withDraft, type Drafts } from "@/features/composer/drafts";
import { fillVariables, variables, type QuickReply } from "@/features/composer/quick";
import { quickRepliesQuery } from "@/features/phrasebook/api";
import { mentionedIn } from "@/features/composer/mentions";
import { useUploads } from "@/features/composer/useUploads";
import { useServerDraft } from "@/features/composer/useServerDraft";
import { useNames } from "@/app/names";
import { can, useSession } from "@/app/session";

interface Props {
  opened: Opened;
  send: Sending;
  drafts: Store<Drafts>;
  enterSends: boolean;
}

const TYPING_EVERY_MS = 3_000;

/** The answer box of a chat, joined to drafts, quick replies, uploads and the live feed. */
export function Answering({ opened, send, drafts, enterSends }: Props) {
  const { row, window } = opened;
  const session = useSession();
  const live = useLive();
  const { message } = App.useApp();
  const draft = useStore(drafts, (all) => all[row.id] ?? "");
  const quick = useQuery({ ...quickRepliesQuery, enabled: can(session, "phrasebook.read") });
  const uploads = useUploads(row.id);
  const names = useNames();
  const colleagues = useMemo(() => Object.entries(names.agents).map(([id, name]) => ({ id: Number(id), name })).filter((one) => one.id !== session.user_id), [names.agents, session.user_id]);
  const speaks = window?.parts_out.includes("voice") ?? false;
  useServerDraft(row.id, opened.draft, drafts);
  const onDraft = useCallback((text: string) => drafts.set((all) => withDraft(all, row.id, text)), [drafts, row.id]);

  const note = useStore(drafts, (all) => all[-row.id] ?? "");
  const onNoteDraft = useCallback((text: string) => drafts.set((all) => withDraft(all, -row.id, text)), [drafts, row.id]);

  const lastTyping = useRef(0);
  const onTyping = useCallback(() => {
    if (steadyMs() - lastTyping.current < TYPING_EVERY_MS) return;
    lastTyping.current = steadyMs();
    live.typing(row.id);
  }, [live, row.id]);

  const values = useMemo(() => variables(row.buyer_name_zh, session.name, session.shops.find((shop) => shop.id === session.shop_id)?.name ?? ""), [row.buyer_name_zh, session]);
  const fill = useCallback((reply: QuickReply) => fillVariables(reply.text, values).text, [values]);

  const onSend = (text: string) => {
    const parts = uploads.take(text) as Part[];
    onDraft("");
    send.reply(parts).catch((error: Error) => {
      drafts.set((all) => (all[row.id] ? all : withDraft(all, row.id, text)));
      void message.error(t("composer.unsent", { reason: error.message }));
    });
  };
  const onNote = (text: string) => void send.note(text, mentionedIn(text, colleagues)).then(() => onNoteDraft(""), (error: Error) => message.error(t("composer.unsent", { reason: error.message })));
  useEffect(() => () => uploads.clear(), [row.id]);

  const closed = row.status === "closed";
  const blocked = closed ? t("composer.closed") : !can(session, "inbox.reply") ? t("composer.mayNot") : window && !window.is_open ? tOr(`window.${window.reason}`, window.reason_zh) : null;
  return (
    <Composer conversationId={row.id} draft={draft} onDraft={onDraft} note={note} onNoteDraft={onNoteDraft} onSend={onSend} onNote={onNote} onTyping={onTyping} quickReplies={quick.data ?? []} fill={fill}
      uploads={uploads.list} onFiles={uploads.add} onRemoveUpload={uploads.remove} maxChars={window?.max_text_chars ?? null} enterSends={enterSends} blocked={blocked} canSend={blocked === null} colleagues={colleagues} tools={speaks && <VoiceButton onFile={(file) => uploads.add([file])} />}
      window={window && <SendWindowHint window={window} />} />
  );
}
