import { useState } from "react";
import { FileText, ImageOff, Link2, MapPin, Mic, Play, ReceiptText, ShoppingBag, Star, TicketPercent } from "lucide-react";
import { bytes, duration, yuan } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { openViewer } from "@/ui/viewer";
import { mediaAddress, shownSize, type Part } from "@/features/inbox/parts";
import { tame } from "@/features/inbox/text";
import { MessageText } from "@/features/inbox/components/MessageText";
import styles from "@/features/inbox/components/parts.module.css";

/** One part of a message. What we do not know is said to be unknown, never hidden. */
export function PartView({ part }: { part: Part }) {
  switch (part.type) {
    case "text": return <MessageText text={part.text} />;
    case "system": return <MessageText text={part.text} />;
    case "emoji": return <span>{`[${part.name || part.code}]`}</span>;
    case "image": return <Picture part={part} />;
    case "voice": return <Voice part={part} />;
    case "video": return <Video part={part} />;
    case "file": return <FileCard part={part} />;
    case "quote": return <blockquote className={styles.quote} dir="auto">{part.sender && <b><bdi>{tame(part.sender)}</bdi>：</b>}{tame(part.text ?? "")}</blockquote>;
    case "order_card": return <Card tone="order" icon={<ReceiptText />} kind={part.item_count ? t("part.orderOf", { n: part.item_count }) : t("part.order")} title={part.title || part.order_id} line={part.order_id} side={money(part.amount_fen)} foot={part.status_zh} />;
    case "product_card": return <Card tone="product" icon={<ShoppingBag />} kind={t("part.product")} title={part.title || part.product_id} line={part.title ? part.product_id : undefined} side={money(part.price_fen)} href={part.url} />;
    case "rating_invite": return <Card tone="rating" icon={<Star />} kind={t("part.invite")} title={part.text || t("part.inviteText")} />;
    case "coupon": return <Card icon={<TicketPercent />} kind={t("part.coupon")} title={part.title || part.coupon_id} side={money(part.amount_fen)} />;
    case "link": return <Card icon={<Link2 />} kind={t("part.link")} title={part.title || part.url} line={part.description} href={part.url} />;
    case "mini_app": return <Card icon={<Link2 />} kind={t("part.miniApp")} title={part.title || part.app_id} />;
    case "location": return <Card icon={<MapPin />} kind={t("part.location")} title={part.name || part.address || ""} line={`${part.latitude}, ${part.longitude}`} />;
    case "menu": return <span className={styles.menu}>{tame(part.head)}{part.options?.map(([id, text]) => <i key={id}>{tame(text)}</i>)}{tame(part.tail ?? "")}</span>;
    case "menu_click": return <span dir="auto">{tame(part.text || part.option_id)}</span>;
    case "merged": return <div className={styles.merged}><b>{part.title || t("part.merged")}</b>{part.lines?.slice(0, 20).map((line, n) => <p key={n} dir="auto">{tame(line)}</p>)}</div>;
    case "rating": return <span className={styles.rating} aria-label={t("part.rating", { n: part.score })}>{Array.from({ length: 5 }, (_, n) => <Star key={n} size={15} fill={n < part.score ? "currentColor" : "none"} />)} <bdi>{tame(part.comment ?? "")}</bdi></span>;
    default: return <span className="quiet">{t("part.unknown")}</span>;
  }
}

const money = (fen: number | null | undefined) => (typeof fen === "number" ? yuan(fen) : undefined);
type MediaPart = Extract<Part, { type: "image" | "video" | "file" | "voice" }>;

/** Why a medium cannot be shown: on its way, not to be had from its platform, or only to be seen there. */
function absence(part: MediaPart, fallback: Parameters<typeof t>[0]): string {
  if (part.problem) return tOr(`part.problem.${part.problem}`, t("part.problem.unreachable"));
  return t(part.is_viewable === false ? "part.onlyInApp" : fallback);
}

function Missing({ label }: { label: string }) {
  return <span className={styles.missing}><ImageOff size={16} aria-hidden /> {label}</span>;
}

function Picture({ part }: { part: MediaPart }) {
  const [broken, setBroken] = useState(false);
  const address = mediaAddress(part);
  if (!address || broken) return <Missing label={absence(part, "part.imageMissing")} />;
  const size = shownSize(part.width, part.height);
  return (
    <button type="button" className={styles.picture} style={size} onClick={() => openViewer({ kind: "image", address, name: part.name ?? "" })} aria-label={t("part.openImage")}>
      <img src={address} alt={part.name || t("part.image")} loading="lazy" decoding="async" width={size.width} height={size.height} onError={() => setBroken(true)} />
    </button>
  );
}

function Voice({ part }: { part: Extract<Part, { type: "voice" }> }) {
  const address = mediaAddress(part);
  return (
    <span className={styles.voice}>
      {address ? <audio controls preload="none" src={address} aria-label={t("part.voice")} /> : <><Mic size={15} aria-hidden /> {part.duration_ms && !part.problem ? duration(part.duration_ms / 1_000) : absence(part, "part.onlyInApp")}</>}
      {part.transcript && <small>{part.transcript}</small>}
    </span>
  );
}

function Video({ part }: { part: MediaPart }) {
  const address = mediaAddress(part);
  if (!address) return <Missing label={absence(part, "part.onlyInApp")} />;
  const size = shownSize(part.width || 240, part.height || 180);
  return (
    <button type="button" className={styles.picture} style={size} onClick={() => openViewer({ kind: "video", address, name: part.name ?? "" })} aria-label={t("part.openVideo")}>
      <video src={address} preload="metadata" muted width={size.width} height={size.height} />
      <span className={styles.play}><Play size={20} fill="currentColor" /></span>
    </button>
  );
}

function FileCard({ part }: { part: MediaPart }) {
  const address = mediaAddress(part);
  const card = <Card icon={<FileText />} kind={t("part.file")} title={part.name || t("part.file")} line={part.problem ? absence(part, "part.onlyInApp") : part.size_bytes ? bytes(part.size_bytes) : undefined} />;
  return address ? <a href={address} download={part.name || true}>{card}</a> : card;
}

interface CardProps { tone?: "order" | "product" | "rating"; icon: React.ReactNode; kind: string; title: string; line?: string | undefined; side?: string | undefined; foot?: string | undefined; href?: string | undefined }

function Card({ tone, icon, kind, title, line, side, foot, href }: CardProps) {
  const safe = href && /^https?:\/\//.test(href) ? href : null;
  return (
    <div className={styles.card} data-tone={tone}>
      <span className={styles.icon}>{icon}</span>
      <div>
        <small>{kind}</small>
        <b className="clip" dir="auto">{safe ? <a href={safe} target="_blank" rel="noopener noreferrer nofollow">{tame(title)}</a> : tame(title)}</b>
        {line && <span className="clip quiet num">{tame(line)}</span>}
      </div>
      {(side || foot) && <div className={styles.side}><b className="num">{side}</b>{foot && <small>{foot}</small>}</div>}
    </div>
  );
}
