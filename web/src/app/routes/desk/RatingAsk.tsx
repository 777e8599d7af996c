import { App, Button } from "antd";
import { useMutation, useQuery } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { locale, t } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { invitationQuery, useSend } from "@/features/inbox/api";
import type { Row } from "@/features/inbox/rows";
import { useSession } from "@/app/session";
import styles from "@/app/routes/desk/cards.module.css";

/** Asks the buyer to rate the conversation, or says why that cannot be done now. */
export function RatingAsk({ row, onDone }: { row: Row; onDone: () => void }) {
  const { message } = App.useApp();
  const session = useSession();
  const send = useSend(row.id, session.user_id);
  const state = useQuery(invitationQuery(row.id));
  const invite = useMutation({ mutationFn: () => send.invite(), onSuccess: onDone, onError: (error) => { void message.error(t("act.failed", { reason: error.message })); void state.refetch(); } });
  if (state.isPending) return <div className={styles.ask}><LoadingRows rows={1} height={40} /></div>;
  if (state.isError) return <ErrorState error={state.error} onRetry={() => void state.refetch()} />;
  const { can_invite, reason_zh, reason_en, invited_at, rated_at } = state.data;
  if (!can_invite) return <div className={styles.ask} role="status">{rated_at ? t("rating.done") : invited_at ? t("rating.invited", { time: fullTime(invited_at) }) : locale() === "zh" ? reason_zh : reason_en}</div>;
  return (
    <div className={styles.ask}>
      <b>{t("rating.ask")}</b>
      <p>{t("rating.once")}</p>
      <Button type="primary" autoFocus loading={invite.isPending} onClick={() => invite.mutate()}>{t("rating.send")}</Button>
    </div>
  );
}
