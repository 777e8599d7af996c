import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { App } from "antd";
import { ReceiptText } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { steadyMs } from "@/lib/clock";
import { t, tOr } from "@/lib/i18n";
import { useShortcuts } from "@/lib/keys";
import { useStore, type Store } from "@/lib/store";
import { useLive } from "@/live/context";
import { IconButton } from "@/ui/IconButton";
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
import { CARD_KINDS, cardCommands, cardKindOf, type CardKind } from "@/app/routes/desk/cardCommands";
import { useNames } from "@/app/names";
import { can, useSession } from "@/app/session";

interface Props {
  opened: Opened;
  send: Sending;
  drafts: Store<Drafts>;
  enterSends: boolean;
}

const TYPING_EVERY_MS = 3_000;
const CardPicker = lazy(() => import("@/app/routes/desk/CardPicker").then((found) => ({ default: found.CardPicker })));
const closedOrBlocked = (row: Opened["row"], session: ReturnType<typeof useSession>) => row.status === "closed" || !can(session, "inbox.reply");

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

  const lastTyping = useRef(Number.NEGATIVE_INFINITY);
  const onTyping = useCallback(() => {
    if (steadyMs() - lastTyping.current < TYPING_EVERY_MS) return;
    lastTyping.current = steadyMs();
    live.typing(row.id);
  }, [live, row.id]);

  const values = useMemo(() => variables(row.buyer_name_zh, session.name, session.shops.find((shop) => shop.id === session.shop_id)?.name ?? ""), [row.buyer_name_zh, session]);
  const [cards, setCards] = useState<CardKind | null>(null);
  const closeCards = useCallback(() => setCards(null), []);
  const kinds = window ? CARD_KINDS.filter((kind) => window.is_open && window.parts_out.includes(`${kind}_card`)) : [];
  const replies = useMemo(() => [...(quick.data ?? []), ...cardCommands(kinds)], [quick.data, kinds.join()]);
  const fill = useCallback((reply: QuickReply) => {
    const kind = cardKindOf(reply);
    if (kind === null) return fillVariables(reply.text, values).text;
    setCards(kind);
    return null;
  }, [values]);
  useShortcuts([{ keys: "Alt+O", label: "keys.cards", group: "keys.answer", typing: true, enabled: kinds.length > 0 && !closedOrBlocked(row, session), run: () => setCards(kinds[0] ?? null) }]);

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
    <Composer conversationId={row.id} draft={draft} onDraft={onDraft} note={note} onNoteDraft={onNoteDraft} onSend={onSend} onNote={onNote} onTyping={onTyping} quickReplies={replies} fill={fill}
      uploads={uploads.list} onFiles={uploads.add} onRemoveUpload={uploads.remove} maxChars={window?.max_text_chars ?? null} enterSends={enterSends} blocked={blocked} canSend={blocked === null} colleagues={colleagues} tools={<>
        {speaks && <VoiceButton onFile={(file) => uploads.add([file])} />}
        {kinds.length > 0 && <IconButton label={t("cards.open")} keys="Alt+O" icon={<ReceiptText />} onClick={() => setCards(kinds[0] ?? null)} disabled={blocked !== null} placement="top" />}
        {cards && <Suspense fallback={null}><CardPicker conversationId={row.id} kinds={kinds} kind={cards} onKind={setCards} send={send} onClose={closeCards} /></Suspense>}
      </>}
      window={window && <SendWindowHint window={window} />} />
  );
}
