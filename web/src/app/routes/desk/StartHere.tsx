import { App, Button } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { Flame, MessagesSquare, Power } from "lucide-react";
import { t } from "@/lib/i18n";
import { EmptyState } from "@/ui/State";
import { roomQuery, setPresence, useMySeat } from "@/features/routing/api";
import { can, useSession } from "@/app/session";

/** What stands where no chat is open: the next thing to do. */
export function StartHere({ waiting, onStart }: { waiting: number; onStart: () => void }) {
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
