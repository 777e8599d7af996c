import { useState } from "react";
import { App } from "antd";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, Copy, RefreshCw, Send, ShoppingBag } from "lucide-react";
import { fullTime, yuan } from "@/lib/format";
import { said, t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { IconButton } from "@/ui/IconButton";
import { Pill, type Tone } from "@/ui/Pill";
import { orderDetail, ordersOf, refreshOrder, type Aftersale, type Order, type Parcel } from "@/features/buyer/api";
import { DueTime } from "@/features/buyer/components/DueTime";
import { Tickets } from "@/features/buyer/components/Tickets";
import styles from "@/features/buyer/components/buyer.module.css";

const TONES: Record<string, Tone> = { unpaid: "plain", paid: "near", to_ship: "near", shipped: "calm", finished: "good", closed: "plain", cancelled: "plain" };

/** The buyer's orders beside the chat, newest first; the newest stands open. */
export function OrdersTab({ buyerId, onSendCard }: { buyerId: number; onSendCard: ((order: Order) => void) | null }) {
  const orders = useQuery(ordersOf(buyerId));
  const [open, setOpen] = useState<number | null>(null);
  if (orders.isPending) return <LoadingRows rows={3} height={72} />;
  if (orders.isError) return <ErrorState error={orders.error} onRetry={() => void orders.refetch()} />;
  if (orders.data.length === 0) return <EmptyState icon={<ShoppingBag />} title={t("orders.none")} hint={t("orders.noneHint")} />;
  const shown = open ?? orders.data[0]?.id ?? null;
  return (
    <ul className={styles.orders}>
      {orders.data.map((order) => <OrderCard key={order.id} order={order} isOpen={order.id === shown} onToggle={() => setOpen(order.id === shown ? -1 : order.id)} onSendCard={onSendCard} />)}
    </ul>
  );
}

interface CardProps {
  order: Order;
  isOpen: boolean;
  onToggle: () => void;
  onSendCard: ((order: Order) => void) | null;
}

function OrderCard({ order, isOpen, onToggle, onSendCard }: CardProps) {
  const { message } = App.useApp();
  const detail = useQuery({ ...orderDetail(order.id), enabled: isOpen });
  const copy = () => void navigator.clipboard?.writeText(order.platform_order_id).then(() => message.success(t("common.copied")));
  const refresh = () => void refreshOrder(order.id).then(() => message.info(t("orders.refreshing")), (error: Error) => message.error(error.message));
  return (
    <li className={styles.order} data-open={isOpen || undefined}>
      <button type="button" className={styles.orderHead} onClick={onToggle} aria-expanded={isOpen}>
        <Pill tone={TONES[order.status ?? ""] ?? "plain"}>{said(order.status_zh ?? "") || t("orders.unknown")}</Pill>
        <span className="clip">{order.items?.[0]?.product_name ?? order.platform_order_id}</span>
        <b className="num">{order.pay_fen == null ? "" : yuan(order.pay_fen)}</b>
        <ChevronDown size={15} aria-hidden />
      </button>
      {isOpen && (
        <div className={styles.orderBody}>
          <div className={styles.number}>
            <span className="num clip">{order.platform_order_id}</span>
            <IconButton label={t("common.copy")} icon={<Copy />} onClick={copy} />
            <IconButton label={t("orders.refresh")} icon={<RefreshCw />} onClick={refresh} />
            {onSendCard && <IconButton label={t("orders.sendCard")} icon={<Send />} onClick={() => onSendCard(order)} />}
          </div>
          {(order.items ?? []).map((item) => (
            <div key={item.id} className={styles.item}>
              <span className={styles.goods}>{item.product_name ?? t("orders.unnamed")}</span>
              <span className="quiet">{item.spec}</span>
              <span className="num">×{item.item_count ?? 1} {item.pay_fen == null ? "" : yuan(item.pay_fen)}</span>
            </div>
          ))}
          <dl className={styles.facts}>
            {order.paid_at && <Fact name={t("orders.paid")} value={fullTime(order.paid_at)} />}
            {order.ship_due_at && !order.shipped_at && <><dt>{t("orders.shipDue")}</dt><dd><DueTime at={order.ship_due_at} /></dd></>}
            {order.shipped_at && <Fact name={t("orders.shipped")} value={fullTime(order.shipped_at)} />}
            {order.receiver_name_mask && <Fact name={t("orders.receiver")} value={`${order.receiver_name_mask} ${order.receiver_region ?? ""}`} />}
            {order.buyer_note && <Fact name={t("orders.buyerNote")} value={order.buyer_note} />}
            {order.seller_note && <Fact name={t("orders.sellerNote")} value={order.seller_note} />}
          </dl>
          {(order.aftersales ?? []).map((aftersale) => <AftersaleLine key={aftersale.id} aftersale={aftersale} />)}
          <Tickets platformOrderId={order.platform_order_id} />
          {detail.data?.parcels?.map((parcel) => <ParcelRoute key={parcel.id} parcel={parcel} />)}
        </div>
      )}
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return <><dt>{name}</dt><dd>{value}</dd></>;
}

function AftersaleLine({ aftersale }: { aftersale: Aftersale }) {
  const deadline = aftersale.arbitration_deadline ?? aftersale.status_deadline;
  return (
    <div className={styles.aftersale}>
      <div><Pill tone={aftersale.waits_for_us ? "near" : "plain"}>{said(aftersale.status_zh)}</Pill> {said(aftersale.kind_zh)} {aftersale.arbitration && aftersale.arbitration !== "none" && <Pill tone="breached">{said(aftersale.arbitration_zh ?? "")}</Pill>}</div>
      <div className="quiet">{aftersale.reason}</div>
      <div className={styles.split}>{aftersale.refund_fen == null ? <span /> : <b className="num">{t("orders.refund", { money: yuan(aftersale.refund_fen) })}</b>}{deadline && <DueTime at={deadline} />}</div>
    </div>
  );
}

function ParcelRoute({ parcel }: { parcel: Parcel }) {
  const [all, setAll] = useState(false);
  const nodes = parcel.nodes ?? [];
  return (
    <div className={styles.parcel}>
      <div className={styles.split}><b>{parcel.carrier_name ?? parcel.carrier_code} <span className="num">{parcel.tracking_no}</span></b><Pill tone={parcel.state === "signed" ? "good" : "calm"}>{said(parcel.state_zh)}</Pill></div>
      <ol>{(all ? nodes : nodes.slice(0, 2)).map((node) => <li key={node.at + node.text}><time className="num quiet">{fullTime(node.at)}</time><span>{node.text}</span></li>)}</ol>
      {nodes.length > 2 && !all && <button type="button" className={styles.more} onClick={() => setAll(true)}>{t("orders.allNodes", { n: nodes.length })}</button>}
    </div>
  );
}
