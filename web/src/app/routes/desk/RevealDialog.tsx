import { useState } from "react";
import { Button, Input, Modal } from "antd";
import { useMutation } from "@tanstack/react-query";
import { t } from "@/lib/i18n";
import { reveal } from "@/features/inbox/reveals";
import styles from "@/app/routes/desk/cards.module.css";

const REASONS = ["reveal.why.address", "reveal.why.carrier", "reveal.why.platform"] as const;

/** Asks why somebody's number is to be seen in clear; the reason stands in the audit log. */
export function RevealDialog({ conversationId, messageId, onClose }: { conversationId: number; messageId: number; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const ask = useMutation({ mutationFn: () => reveal(conversationId, messageId, reason.trim()), onSuccess: onClose });
  const isEnough = reason.trim().length >= 2;
  return (
    <Modal open title={t("reveal.title")} onCancel={onClose} okText={t("reveal.show")} cancelText={t("common.cancel")} okButtonProps={{ disabled: !isEnough, loading: ask.isPending }} onOk={() => ask.mutate()} width={440} destroyOnHidden>
      <div className={styles.picker}>
        <p className="quiet">{t("reveal.hint")}</p>
        <div className={styles.reasons}>{REASONS.map((key) => <Button key={key} size="small" onClick={() => setReason(t(key))}>{t(key)}</Button>)}</div>
        <Input value={reason} onChange={(event) => setReason(event.target.value)} onPressEnter={() => { if (isEnough) ask.mutate(); }} placeholder={t("reveal.reason")} aria-label={t("reveal.reason")} maxLength={200} autoFocus />
        {ask.isError && <p role="alert" className={styles.wrong}>{ask.error.message}</p>}
      </div>
    </Modal>
  );
}
