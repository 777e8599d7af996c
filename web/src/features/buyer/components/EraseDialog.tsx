import { useState } from "react";
import { Alert, Button, Checkbox, Input, Modal } from "antd";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { t } from "@/lib/i18n";
import { eraseBuyer } from "@/features/buyer/erasures";
import styles from "@/features/buyer/components/buyer.module.css";

const REASONS = ["erase.why.asked", "erase.why.regulator"] as const;
const SHORTEST = 2;

/** Says what an erasure does and what it leaves, asks why, and has it confirmed: it cannot be undone. */
export function EraseDialog({ buyerId, name, onClose }: { buyerId: number; name: string; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [sure, setSure] = useState(false);
  const erase = useMutation({
    mutationFn: () => eraseBuyer(buyerId, reason.trim()),
    onSuccess: () => { void client.invalidateQueries({ queryKey: ["buyers"] }); onClose(); },
  });
  const ready = sure && reason.trim().length >= SHORTEST;
  return (
    <Modal open title={t("erase.of", { name })} onCancel={onClose} okText={t("erase.do")} cancelText={t("common.cancel")} okButtonProps={{ danger: true, disabled: !ready, loading: erase.isPending }} onOk={() => erase.mutate()} width={480} destroyOnHidden>
      <div className={styles.eraseAsk}>
        <Alert type="error" showIcon title={t("erase.warning")} description={<ul><li>{t("erase.gone")}</li><li>{t("erase.kept")}</li></ul>} />
        <div className={styles.reasons}>{REASONS.map((key) => <Button key={key} size="small" onClick={() => setReason(t(key))}>{t(key)}</Button>)}</div>
        <Input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t("erase.reason")} aria-label={t("erase.reason")} maxLength={200} autoFocus />
        <Checkbox checked={sure} onChange={(event) => setSure(event.target.checked)}>{t("erase.sure")}</Checkbox>
        {erase.isError && <p role="alert" className={styles.wrong}>{erase.error.message}</p>}
      </div>
    </Modal>
  );
}
