import { useState, type FormEvent } from "react";
import { Button, Input } from "antd";
import { Link } from "@tanstack/react-router";
import { api, ask, ApiError } from "@/api/client";
import { said, t } from "@/lib/i18n";
import { Logo } from "@/ui/Logo";
import styles from "@/app/routes/login.module.css";

const secretOf = () => globalThis.location.hash.slice(1);

/** Accepts an invitation: a newcomer chooses a log-in name and a password. The secret never leaves the address's end. */
export function JoinPage() {
  return (
    <LinkForm title={t("link.join")} fields={["login", "name", "password"]}
      send={(values) => ask(api.POST("/api/invitations/acceptance", { body: { secret: secretOf(), login: values.login, display_name: values.name, password: values.password } }))} />
  );
}

/** Sets a new password from a one-use link. */
export function ResetPage() {
  return <LinkForm title={t("link.reset")} fields={["password"]} send={(values) => ask(api.POST("/api/password-resets/acceptance", { body: { secret: secretOf(), password: values.password } }))} />;
}

interface Values {
  login: string;
  name: string;
  password: string;
}

function LinkForm({ title, fields, send }: { title: string; fields: readonly (keyof Values)[]; send: (values: Values) => Promise<unknown> }) {
  const [problem, setProblem] = useState("");
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    setProblem("");
    try {
      await send({ login: field("login"), name: field("name"), password: String(form.get("password") ?? "") });
      setDone(true);
    } catch (error) {
      const detail = error instanceof ApiError ? (error.body.detail as { reason_zh?: string } | undefined) : undefined;
      setProblem([(error as Error).message, said(detail?.reason_zh ?? "")].filter(Boolean).join(" "));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={styles.lone}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <header><span className={styles.mark}><Logo /></span><h1>{title}</h1><p>{t("app.slogan")}</p></header>
        {done ? <p className={styles.note}>{t("link.done")} <Link to="/login">{t("login.title")}</Link></p> : (
          <>
            {fields.includes("login") && <label>{t("login.name")}<Input name="login" size="large" required maxLength={128} autoComplete="username" autoFocus /></label>}
            {fields.includes("name") && <label>{t("people.name")}<Input name="name" size="large" required maxLength={40} autoComplete="name" /></label>}
            <label>{t("me.newPassword")}<Input.Password name="password" size="large" required maxLength={512} autoComplete="new-password" /></label>
            {problem && <p className={styles.problem} role="alert">{problem}</p>}
            <Button type="primary" htmlType="submit" size="large" block loading={busy}>{t("common.confirm")}</Button>
          </>
        )}
      </form>
    </main>
  );
}
