import { useState } from "react";
import { App, Input, Modal, Select } from "antd";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { said, t } from "@/lib/i18n";
import { reassign, roomQuery, type Seat } from "@/features/routing/api";
import styles from "@/app/routes/board/board.module.css";

interface Props {
  seat: Seat;
  seats: readonly Seat[];
  onClose: () => void;
}

/** The end of a shift: all chats of one person to chosen colleagues, or by the rules; what became of each is told. */
export function ReassignDialog({ seat, seats, onClose }: Props) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [to, setTo] = useState<number[]>([]);
  const [reason, setReason] = useState("");
  const send = useMutation({
    mutationFn: () => reassign(seat.user_id, to, reason.trim()),
    onSuccess: () => client.invalidateQueries({ queryKey: roomQuery.queryKey }),
    onError: (error) => void message.error(t("act.failed", { reason: error.message })),
  });
  const name = (id: number | null) => seats.find((one) => one.user_id === id)?.name ?? t("board.backToQueue");
  const people = seats.filter((one) => one.user_id !== seat.user_id && (one.state === "online" || one.state === "on_break"));
  const done = send.data;
  return (
    <Modal open title={t("board.reassignTitle", { name: seat.name, n: seat.load })} onCancel={onClose} cancelText={t(done ? "common.close" : "common.cancel")} okText={t("board.reassign")} onOk={() => send.mutate()}
      confirmLoading={send.isPending} okButtonProps={done ? { style: { display: "none" } } : {}} destroyOnHidden>
      {done ? (
        <div className={styles.outcome} role="status">
          <p>{t("board.reassigned", { n: done.items.filter((item) => item.ok).length, left: done.remaining_count })}</p>
          <ul className="scroll">
            {done.items.map((item) => (
              <li key={item.conversation_id} data-ok={item.ok || undefined}>
                {item.ok ? <CircleCheck size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
                <Link to="/desk/$conversationId" params={{ conversationId: item.conversation_id }} search={{ box: "open" }}>{t("board.chat", { id: String(item.conversation_id).slice(-6) })}</Link>
                <span>{item.ok ? t("board.nowWith", { name: name(item.agent_id) }) : said(item.message_zh)}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <div className={styles.reassign}>
          <p className="quiet">{t("board.reassignHint")}</p>
          <label>{t("board.reassignTo")}
            <Select mode="multiple" value={to} onChange={setTo} placeholder={t("board.byRules")} aria-label={t("board.reassignTo")} autoFocus
              options={people.map((one) => ({ value: one.user_id, label: `${one.name} ${one.load}/${one.max_concurrency}` }))} />
          </label>
          <label>{t("common.reason")}<Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} placeholder={t("common.optional")} /></label>
        </div>
      )}
    </Modal>
  );
}
