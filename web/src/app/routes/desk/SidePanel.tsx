import { memo, useDeferredValue, useState } from "react";
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { t } from "@/lib/i18n";
import { LoadingRows } from "@/ui/State";
import { OrdersTab } from "@/features/buyer/components/OrdersTab";
import { BuyerTab } from "@/features/buyer/components/BuyerTab";
import { HistoryTab } from "@/features/inbox/components/HistoryTab";
import { openedQuery, useSend } from "@/features/inbox/api";
import { WhyTab } from "@/features/routing/components/WhyTab";
import { useNames } from "@/app/names";
import { can, useSession } from "@/app/session";
import styles from "@/features/buyer/components/buyer.module.css";

const TABS = ["orders", "buyer", "history", "why"] as const;
const NEEDS = { orders: "trade.read", buyer: "buyers.read", history: "inbox.read", why: "routing.read" } as const;

/** Beside the chat: orders, the person, what was before, and why one has this chat. */
export const SidePanel = memo(function SidePanel({ conversationId, onOpen }: { conversationId: number; onOpen: (id: number) => void }) {
  const session = useSession();
  const names = useNames();
  const { message } = App.useApp();
  const client = useQueryClient();
  const opened = useQuery(openedQuery(conversationId, client));
  // The chat is drawn and painted first, what stands beside it after: until then this shows that it is on its way.
  const latest = useDeferredValue(opened.data?.row);
  const row = latest?.id === conversationId ? latest : undefined;
  const send = useSend(conversationId, session.user_id);
  const tabs = TABS.filter((tab) => can(session, NEEDS[tab]));
  const [chosen, setChosen] = useState<(typeof TABS)[number]>("orders");
  const tab = tabs.includes(chosen) ? chosen : tabs[0];
  const sendsCards = row?.status === "open" && (opened.data?.window?.parts_out.includes("order_card") ?? false) && can(session, "inbox.reply");
  return (
    <aside data-tour="side" className={styles.panel} aria-label={t("side.label")}>
      <div className={styles.tabs} role="tablist">
        {tabs.map((name) => <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={tab === name} aria-controls="side-body" className={tab === name ? styles.on : ""} onClick={() => setChosen(name)}>{t(`side.${name}`)}</button>)}
      </div>
      <div className={`${styles.body} scroll`} id="side-body" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {!row ? <LoadingRows rows={3} /> : tab === "orders" ? (
          <OrdersTab buyerId={row.buyer_id} onSendCard={sendsCards ? (order) => void send.card({ order_id: order.id }, {
            type: "order_card", order_id: order.platform_order_id, title: order.items?.[0]?.product_name ?? "", amount_fen: order.pay_fen ?? null, status_zh: order.status_zh ?? "", item_count: order.items?.length ?? 0,
          }).catch((error: Error) => message.error(t("act.failed", { reason: error.message }))) : null} />
        ) : tab === "buyer" ? <BuyerTab buyerId={row.buyer_id} name={row.buyer_name_zh} mayErase={can(session, "buyers.erase")} />
          : tab === "history" ? <HistoryTab buyerId={row.buyer_id} current={conversationId} agents={names.agents} onOpen={onOpen} />
            : <WhyTab conversationId={conversationId} agents={names.agents} groups={names.groups} />}
      </div>
    </aside>
  );
});
