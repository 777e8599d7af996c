import { useState } from "react";
import { App, Button, Input } from "antd";
import { api, ask } from "@/api/client";
import { said, t } from "@/lib/i18n";
import styles from "@/features/settings/form.module.css";

/** A new password, against the current one. Every other log-in ends. */
export function PasswordForm() {
  const { message } = App.useApp();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [problem, setProblem] = useState("");
  const submit = async () => {
    setProblem("");
    try {
      await ask(api.PUT("/api/password", { body: { current, new: fresh } }));
      setCurrent("");
      setFresh("");
      void message.success(t("me.passwordChanged"));
    } catch (error) {
      const detail = (error as { body?: { detail?: { reason_zh?: string } } }).body?.detail;
      setProblem([(error as Error).message, said(detail?.reason_zh ?? "")].filter(Boolean).join(" "));
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <label>{t("me.currentPassword")}<Input.Password value={current} onChange={(event) => setCurrent(event.target.value)} autoComplete="current-password" /></label>
      <label>{t("me.newPassword")}<Input.Password value={fresh} onChange={(event) => setFresh(event.target.value)} autoComplete="new-password" /></label>
      {problem && <p className={styles.problem} role="alert">{problem}</p>}
      <Button htmlType="submit" disabled={!current || !fresh}>{t("me.changePassword")}</Button>
    </form>
  );
}
