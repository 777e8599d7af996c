import { useDeferredValue, useEffect, useRef, useState, type KeyboardEvent } from "react";
import { App, Input, Modal, Segmented, type InputRef } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ReceiptText, ShoppingBag } from "lucide-react";
import { locale, t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { cardsQuery, type CardChoices, type CardWish, type Sending } from "@/features/inbox/api";
import type { Part } from "@/features/inbox/parts";
import { PartView } from "@/features/inbox/components/PartView";
import type { CardKind } from "@/app/routes/desk/cardCommands";
import styles from "@/app/routes/desk/cards.module.css";

interface Props {
  conversationId: number;
  kinds: readonly CardKind[];
  kind: CardKind;
  onKind: (kind: CardKind) => void;
  send: Sending;
  onClose: () => void;
}

interface Choice {
  id: number;
  wish: CardWish;
  part: Part;
}

function choicesOf(found: CardChoices | undefined, kind: CardKind): Choice[] {
  if (!found) return [];
  return kind === "order"
    ? found.orders.map((one) => ({ id: one.order_id, wish: { order_id: one.order_id }, part: one.card as Part }))
    : found.products.map((one) => ({ id: one.product_id, wish: { product_id: one.product_id }, part: one.card as Part }));
}

/** Picks an order of the buyer or a product of the shop and sends it as a card; arrows and Enter are enough. */
export function CardPicker({ conversationId, kinds, kind, onKind, send, onClose }: Props) {
  const { message } = App.useApp();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(0);
  const asked = useDeferredValue(kind === "product" ? words.trim() : "");
  const cards = useQuery({ ...cardsQuery(conversationId, asked), placeholderData: keepPreviousData });
  const choices = choicesOf(cards.data, kind);
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<InputRef>(null);
  const [isUp, setUp] = useState(false);
  useEffect(() => {
    if (isUp) (kind === "product" ? field.current : list.current)?.focus();
  }, [isUp, kind, cards.isPending]);
  useEffect(() => setChosen(0), [kind, asked]);
  useEffect(() => list.current?.children[chosen]?.scrollIntoView?.({ block: "nearest" }), [chosen]);
  const pick = (choice: Choice) => {
    onClose();
    void send.card(choice.wish, choice.part).catch((error: Error) => message.error(t("cards.unsent", { reason: error.message })));
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && choices.length > 0) { event.preventDefault(); setChosen((chosen + step + choices.length) % choices.length); }
    if (event.key === "Enter" && choices[chosen]) { event.preventDefault(); pick(choices[chosen]); }
  };
  return (
    <Modal open title={t("cards.open")} footer={null} onCancel={onClose} afterOpenChange={setUp} width={460} destroyOnHidden>
      <div className={styles.picker} onKeyDown={onKey}>
        {kinds.length > 1 && <Segmented block value={kind} onChange={onKind} options={kinds.map((value) => ({ value, label: t(`cards.tab.${value}`) }))} />}
        {kind === "product" && <Input ref={field} value={words} onChange={(event) => setWords(event.target.value)} placeholder={t("cards.search")} aria-label={t("cards.search")} maxLength={64} allowClear />}
        {cards.isPending ? <LoadingRows rows={3} height={64} />
          : cards.isError ? <ErrorState error={cards.error} onRetry={() => void cards.refetch()} />
            : choices.length === 0 ? <EmptyState icon={kind === "order" ? <ReceiptText /> : <ShoppingBag />} title={t(`cards.none.${kind}`)} hint={(locale() === "zh" ? cards.data.reason_zh : cards.data.reason_en) || (kind === "order" ? t("cards.noneHint") : "")} />
              : (
                <ul ref={list} className={`${styles.list} scroll`} role="listbox" aria-label={t(`cards.tab.${kind}`)} tabIndex={0}>
                  {choices.map((choice, n) => (
                    <li key={choice.id} role="option" aria-selected={n === chosen} onMouseMove={() => setChosen(n)} onClick={() => pick(choice)}><PartView part={choice.part} /></li>
                  ))}
                </ul>
              )}
      </div>
    </Modal>
  );
}
