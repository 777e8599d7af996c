import { useQuery } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { Pill, type Tone } from "@/ui/Pill";
import { ticketsOf, type Ticket } from "@/features/buyer/api";
import styles from "@/features/buyer/components/buyer.module.css";

const TONES: Readonly<Record<string, Tone>> = { open: "near", reviewing: "calm", closed: "plain" };

/** The platform's complaint tickets about an order, beside its after-sales; nothing when there are none. */
export function Tickets({ platformOrderId }: { platformOrderId: string }) {
  const tickets = useQuery(ticketsOf(platformOrderId));
  if (tickets.isError) return <p className={styles.failed} role="alert">{t("ticket.failed")}<button type="button" className={styles.more} onClick={() => void tickets.refetch()}>{t("common.retry")}</button></p>;
  return (tickets.data ?? []).map((ticket) => <TicketLine key={ticket.id} ticket={ticket} />);
}

/** Returns the words for where a ticket stands: ours where we know it, else the platform's own. */
export function statusOf(ticket: Pick<Ticket, "status" | "status_zh" | "status_said">): string {
  const known = tOr(`ticket.status.${ticket.status ?? ""}`, "");
  return known || ticket.status_said || ticket.status_zh || t("orders.unknown");
}

function TicketLine({ ticket }: { ticket: Ticket }) {
  return (
    <div className={`${styles.aftersale} ${styles.ticket}`} data-open={ticket.status === "open" || undefined}>
      <div className={styles.split}><b>{t("ticket.name")}</b><Pill tone={TONES[ticket.status ?? ""] ?? "plain"}>{statusOf(ticket)}</Pill></div>
      {ticket.detail && <p>{ticket.detail}</p>}
      {ticket.reply && <p className="quiet">{t("ticket.reply")}{ticket.replied_at ? ` ${fullTime(ticket.replied_at)}` : ""}: {ticket.reply}</p>}
      <div className={`${styles.ticketFoot} quiet num`}><span>{ticket.platform_ticket_id}</span>{ticket.opened_at && <span>{t("ticket.opened")} {fullTime(ticket.opened_at)}</span>}</div>
    </div>
  );
}
