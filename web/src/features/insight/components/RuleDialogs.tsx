import { useState } from "react";
import { App, DatePicker, Input, Modal } from "antd";
import dayjs from "dayjs";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { dayKey } from "@/lib/format";
import { nowMs } from "@/lib/clock";
import { t } from "@/lib/i18n";
import { noteChange, policiesQuery, setRuleSettings, type Finding } from "@/features/insight/api";
import { settingsInForce } from "@/features/insight/settings";
import { adviceOf, ruleName } from "@/features/insight/words";
import styles from "@/features/insight/insight.module.css";

interface Props {
  finding: Finding;
  onClose: () => void;
}

function useRun(onClose: () => void): (work: Promise<unknown>, said: string) => Promise<void> {
  const client = useQueryClient();
  const { message } = App.useApp();
  return async (work, said) => {
    try {
      await work;
      void message.success(said);
      onClose();
      await client.invalidateQueries({ queryKey: ["insight"] });
    } catch (error) {
      void message.error(error instanceof Error ? error.message : "");
    }
  };
}

/** Takes a finding up: what is changed, from which day. The report then compares before and after. */
export function AcceptDialog({ finding, onClose }: Props) {
  const run = useRun(onClose);
  const [note, setNote] = useState("");
  const [day, setDay] = useState(dayKey(nowMs()));
  const save = () => void run(noteChange(finding.rule, day, note.trim() || ruleName(finding)), t("diagnosis.accepted"));
  return (
    <Modal open title={t("diagnosis.acceptTitle", { name: ruleName(finding) })} okText={t("diagnosis.accept")} cancelText={t("common.cancel")} onCancel={onClose} onOk={save}>
      <div className={styles.form}>
        <p className="quiet">{adviceOf(finding)}</p>
        <label>{t("diagnosis.what")}<Input value={note} onChange={(event) => setNote(event.target.value)} maxLength={200} placeholder={t("diagnosis.whatHint")} autoFocus /></label>
        <label>{t("diagnosis.from")}<DatePicker value={dayjs(day)} allowClear={false} onChange={(found) => setDay(found?.format("YYYY-MM-DD") ?? day)} /></label>
      </div>
    </Modal>
  );
}

/** Switches a rule off for this shop, with a reason. It can be switched on again in the same place. */
export function DismissDialog({ finding, onClose }: Props) {
  const run = useRun(onClose);
  const policies = useQuery(policiesQuery);
  const [reason, setReason] = useState("");
  const today = dayKey(nowMs());
  const save = () => {
    const { value } = settingsInForce(policies.data ?? [], today);
    void run(setRuleSettings(today, { ...value, [finding.rule]: { ...value[finding.rule], off: true } }, reason.trim()), t("diagnosis.dismissed"));
  };
  return (
    <Modal open title={t("diagnosis.dismissTitle", { name: ruleName(finding) })} okText={t("diagnosis.dismiss")} okButtonProps={{ danger: true, disabled: !reason.trim() || !policies.data }} cancelText={t("common.cancel")} onCancel={onClose} onOk={save}>
      <div className={styles.form}>
        <p className="quiet">{t("diagnosis.dismissHint")}</p>
        <label>{t("common.reason")}<Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} autoFocus /></label>
      </div>
    </Modal>
  );
}
