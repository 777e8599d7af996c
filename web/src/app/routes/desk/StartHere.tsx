import { App, Button } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { Flame, MessagesSquare, Power } from "lucide-react";
import { t } from "@/lib/i18n";
import { EmptyState } from "@/ui/State";
import { roomQuery, setPresence, useMySeat } from "@/features/routing/api";
import { TourInvite } from "@/app/tour/TourInvite";
import { can, useSession } from "@/app/session";
import styles from "@/app/routes/desk/desk.module.css";

interface Props {
  waiting: number;
  onStart: () => void;
}

/** What stands where no chat is open: the next thing to do, and once the tour for newcomers. */
export function StartHere(props: Props) {
  const session = useSession();
  return <div className={styles.start}><NextThing {...props} />{session.role === "agent" && <TourInvite name="agent" />}</div>;
}

function NextThing({ waiting, onStart }: Props) {
  const session = useSession();
  const client = useQueryClient();
  const { message } = App.useApp();
  const seat = useMySeat(session.user_id);
  const away = can(session, "routing.presence") && seat.data && seat.data.state !== "online";
  const goOnline = () => void setPresence("online", false).then(() => client.invalidateQueries({ queryKey: roomQuery.queryKey }), (error: Error) => message.error(error.message));
  if (waiting > 0) return <EmptyState icon={<Flame />} title={t("desk.waiting", { n: waiting })} hint={t("desk.pickHint")} action={<Button type="primary" onClick={onStart}>{t("keys.nextUrgent")}</Button>} />;
  if (away) return <EmptyState icon={<Power />} title={t("desk.away", { state: t(`presence.${seat.data?.state === "on_break" ? "on_break" : "offline"}`) })} hint={t("desk.awayHint")} action={<Button type="primary" onClick={goOnline}>{t("desk.goOnline")}</Button>} />;
  return <EmptyState icon={<MessagesSquare />} title={t("desk.pick")} hint={t("desk.pickHint")} />;
}
