import { useState } from "react";
import { DatePicker, Input, InputNumber, Modal } from "antd";
import type { Dayjs } from "dayjs";
import { api, ask } from "@/api/client";
import { t } from "@/lib/i18n";
import styles from "@/features/settings/form.module.css";

/** Adds a big promotion: answered round the clock in shifts, with a target of its own if one is set. */
export function PromotionDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState("");
  const [times, setTimes] = useState<[Dayjs | null, Dayjs | null]>([null, null]);
  const [target, setTarget] = useState<number | null>(null);
  const [problem, setProblem] = useState("");
  const [start, end] = times;
  const save = async () => {
    if (!start || !end) return;
    try {
      await ask(api.POST("/api/promotions", { body: { name_zh: name.trim(), starts_at: start.toISOString(), ends_at: end.toISOString(), target_s: target } }));
      onDone();
      onClose();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Modal open title={t("live.addPromotion")} onCancel={onClose} onOk={() => void save()} okText={t("common.save")} cancelText={t("common.cancel")} okButtonProps={{ disabled: !name.trim() || !start || !end }}>
      <div className={styles.wide}>
        <label>{t("people.name")}<Input value={name} onChange={(event) => setName(event.target.value)} maxLength={60} autoFocus /></label>
        <label>{t("live.when")}<DatePicker.RangePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" value={times} onChange={(found) => setTimes([found?.[0] ?? null, found?.[1] ?? null])} /></label>
        <label>{t("live.target")}<InputNumber value={target} onChange={setTarget} min={1} max={3600} suffix={t("common.seconds")} style={{ width: 160 }} /></label>
        {problem && <p className={styles.problem} role="alert">{problem}</p>}
      </div>
    </Modal>
  );
}
