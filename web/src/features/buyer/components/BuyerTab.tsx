import { useQuery } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { BuyerFace } from "@/ui/BuyerFace";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { ErasureSection } from "@/features/buyer/components/ErasureSection";
import { buyerQuery, evidenceQuery } from "@/features/buyer/api";
import styles from "@/features/buyer/components/buyer.module.css";

/** Who the buyer is: accounts on all platforms, masked contacts, and why they are held to be one person. */
export function BuyerTab({ buyerId, name, mayErase }: { buyerId: number; name: string; mayErase: boolean }) {
  const buyer = useQuery(buyerQuery(buyerId));
  const evidence = useQuery(evidenceQuery(buyerId));
  if (buyer.isPending) return <LoadingRows rows={3} />;
  if (buyer.isError) return <ErrorState error={buyer.error} onRetry={() => void buyer.refetch()} />;
  return (
    <>
      <div className={styles.person}>
        <BuyerFace name={name || t("buyer.nameless")} size={44} />
        <div><h3>{buyer.data.name_zh || name || t("buyer.nameless")}</h3><span className="quiet">{t("buyer.since")} {fullTime(buyer.data.first_seen_at)}</span></div>
      </div>
      <section className={styles.section}>
        <h4>{t("buyer.identities")}</h4>
        <ul className={styles.orders}>
          {buyer.data.identities.map((identity) => (
            <li key={identity.id} className={styles.aftersale}><div className={styles.split}><b>{tOr(`channel.${identity.channel}`, identity.channel)}</b><span className="quiet num">{fullTime(identity.first_seen_at)}</span></div><span className="quiet clip">{identity.name_zh || identity.platform_id}</span></li>
          ))}
        </ul>
      </section>
      {buyer.data.contacts.length > 0 && (
        <section className={styles.section}><h4>{t("buyer.contacts")}</h4>{buyer.data.contacts.map((contact) => <p key={contact.id} className="num">{contact.masked_zh}</p>)}</section>
      )}
      {(evidence.data?.length ?? 0) > 0 && (
        <section className={styles.section}><h4>{t("buyer.evidence")}</h4>{evidence.data?.map((one) => <p key={one.id}>{said(one.shown_zh)} <Pill tone={one.strength === "strong" ? "good" : "plain"}>{tOr(`buyer.strength.${one.strength}`, one.strength)}</Pill></p>)}</section>
      )}
      <ErasureSection key={buyerId} buyerId={buyerId} name={buyer.data.name_zh || name || t("buyer.nameless")} mayErase={mayErase} />
    </>
  );
}
