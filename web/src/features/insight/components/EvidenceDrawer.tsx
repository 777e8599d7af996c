import { useState } from "react";
import { Button, Drawer } from "antd";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { said, t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Rows } from "@/ui/Sheet";
import { roundsQuery, type Evidence, type HeatBy, type Span } from "@/features/insight/api";
import { isPeoplesOwn } from "@/lib/i18n/said";
import { TalkView } from "@/features/insight/components/TalkView";
import styles from "@/features/insight/insight.module.css";

/** What a person asked to see behind a figure: a list of the report, or the rounds of a cell of the map. */
export type Behind = { title: string; evidence: Evidence } | { title: string; span: Span; by: HeatBy; key: string; hour: number | null };

const SESSION = "\u4f1a\u8bdd";

/** The rows behind a figure; a conversation among them opens in the same place. */
export function EvidenceDrawer({ behind, canRead, onClose }: { behind: Behind; canRead: boolean; onClose: () => void }) {
  const [session, setSession] = useState<string | null>(null);
  const title = session === null ? behind.title : <span className={styles.drawerTitle}><Button type="text" size="small" icon={<ArrowLeft size={15} />} aria-label={t("insight.backToList")} onClick={() => setSession(null)} />{t("insight.talk")} <code>{session}</code></span>;
  const open = canRead ? setSession : null;
  return (
    <Drawer open size={720} title={title} onClose={onClose} styles={{ body: { padding: 16 } }}>
      {session !== null ? <TalkView session={session} /> : "evidence" in behind ? <List evidence={behind.evidence} onOpen={open} /> : <Cell behind={behind} onOpen={open} />}
    </Drawer>
  );
}

function Cell({ behind, onOpen }: { behind: Extract<Behind, { by: HeatBy }>; onOpen: ((session: string) => void) | null }) {
  const rounds = useQuery(roundsQuery(behind.span, behind.by, behind.key, behind.hour));
  if (rounds.isPending) return <LoadingRows rows={6} height={32} />;
  if (rounds.isError) return <ErrorState error={rounds.error} onRetry={() => void rounds.refetch()} />;
  return <List evidence={rounds.data} onOpen={onOpen} />;
}

/** A heading begins with a capital, also where the word is said small within sentences. */
const headed = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function List({ evidence, onOpen }: { evidence: Evidence; onOpen: ((session: string) => void) | null }) {
  if (evidence.rows.length === 0) return <EmptyState title={t("insight.noRows")} />;
  const isTalk = evidence.columns_zh[0] === SESSION;
  const link = (row: readonly string[]) => {
    const id = row[0] ?? "";
    return isTalk && onOpen ? <button type="button" className={styles.rowLink} onClick={() => onOpen(id)}>{id}</button> : <span>{id}</span>;
  };
  return (
    <>
      <p className="quiet" style={{ marginBottom: 10 }}>{t(evidence.total > evidence.rows.length ? "insight.firstOf" : "insight.allOf", { n: evidence.rows.length, all: evidence.total })}</p>
      <div className={styles.evidence}>
        <Rows rows={evidence.rows} keyOf={(row) => row.join("|")} columns={evidence.columns_zh.map((name, n) => ({ name: headed(said(name)), value: (row: readonly string[]) => (n === 0 ? link(row) : <span className="num">{isPeoplesOwn(name) ? row[n] : said(row[n] ?? "")}</span>) }))} />
      </div>
    </>
  );
}
