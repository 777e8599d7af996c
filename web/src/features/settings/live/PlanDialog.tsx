import { useState } from "react";
import { DatePicker, Input, Modal } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { t } from "@/lib/i18n";
import { editSession, planSession, type LiveSession } from "@/features/settings/live/api";
import styles from "@/features/settings/form.module.css";

/** Plans a live session, or changes one that is still to come. */
export function PlanDialog({ session, onClose, onDone }: { session: LiveSession | null; onClose: () => void; onDone: () => void }) {
  const [title, setTitle] = useState(session?.title ?? "");
  const [presenter, setPresenter] = useState(session?.presenter ?? "");
  const [room, setRoom] = useState(session?.room ?? "");
  const [times, setTimes] = useState<[Dayjs | null, Dayjs | null]>(session ? [dayjs(session.planned_start_at), dayjs(session.planned_end_at)] : [null, null]);
  const [problem, setProblem] = useState("");
  const [start, end] = times;
  const save = async () => {
    if (!start || !end) return;
    const plan = { title: title.trim(), presenter, room, planned_start_at: start.toISOString(), planned_end_at: end.toISOString() };
    try {
      await (session ? editSession(session, plan) : planSession(plan));
      onDone();
      onClose();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Modal open title={t(session ? "live.change" : "live.plan")} onCancel={onClose} onOk={() => void save()} okText={t("common.save")} cancelText={t("common.cancel")} okButtonProps={{ disabled: !title.trim() || !start || !end }}>
      <div className={styles.wide}>
        <label>{t("live.title")}<Input value={title} onChange={(event) => setTitle(event.target.value)} maxLength={60} autoFocus /></label>
        <label>{t("live.when")}<DatePicker.RangePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" value={times} onChange={(found) => setTimes([found?.[0] ?? null, found?.[1] ?? null])} /></label>
        <div className={styles.two}>
          <label>{t("live.presenter")}<Input value={presenter} onChange={(event) => setPresenter(event.target.value)} maxLength={60} /></label>
          <label>{t("live.room")}<Input value={room} onChange={(event) => setRoom(event.target.value)} maxLength={60} /></label>
        </div>
        {problem && <p className={styles.problem} role="alert">{problem}</p>}
      </div>
    </Modal>
  );
}
