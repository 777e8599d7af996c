import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { Button, Input, type InputRef } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { locale, t } from "@/lib/i18n";
import { chooseLocale } from "@/lib/i18n/speak";
import { Logo } from "@/ui/Logo";
import { logIn } from "@/app/session";
import { LoginScene } from "@/app/routes/LoginScene";
import styles from "@/app/routes/login.module.css";

/** The door. Says what was wrong and keeps what was typed; asks for the code only where one is needed. */
export function LoginPage() {
  const { next, why } = useSearch({ from: "/login" });
  const go = useNavigate();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [coded, setCoded] = useState(false);
  const [caps, setCaps] = useState(false);
  const code = useRef<InputRef>(null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setProblem("");
    try {
      await logIn(field("username"), field("password"), field("code"));
      await go({ to: next ?? "/", replace: true });
    } catch (error) {
      const needsCode = error instanceof ApiError && error.code === "access.totp_needed";
      if (needsCode && !coded) {
        setCoded(true);
        setTimeout(() => code.current?.focus(), 0);
      } else setProblem(error instanceof Error ? error.message : t("login.failed"));
    } finally {
      setBusy(false);
    }
  };
  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));

  return (
    <main className={styles.page}>
      <section className={styles.scene} aria-hidden><LoginScene /></section>
      <section className={styles.side}>
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <header>
            <span className={styles.mark}><Logo /></span>
            <h1>{t("app.name")}</h1>
            <p>{t("app.slogan")}</p>
          </header>
          {why === "ended" && <p className={styles.note} role="status">{t("login.ended")}</p>}
          <label>{t("login.name")}<Input name="username" size="large" autoComplete="username" autoFocus required maxLength={128} spellCheck={false} /></label>
          <label>{t("login.password")}<Input.Password name="password" size="large" autoComplete="current-password" required maxLength={512} onKeyUp={watchCaps} /></label>
          {caps && <p className={styles.caps}>{t("login.capsLock")}</p>}
          {coded && <label>{t("login.totp")}<Input ref={code} name="code" size="large" inputMode="numeric" autoComplete="one-time-code" maxLength={64} /><small>{t("login.totpHint")}</small></label>}
          {problem && <p className={styles.problem} role="alert">{problem}</p>}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>{t("login.submit")}</Button>
        </form>
        <button type="button" className={styles.language} onClick={() => chooseLocale(locale() === "zh" ? "en" : "zh")}>{t("login.language")}</button>
      </section>
    </main>
  );
}
