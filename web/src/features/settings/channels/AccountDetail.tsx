import { useState } from "react";
import { App, Button, Input } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { said, t, tOr } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Facts } from "@/ui/Sheet";
import { accountQuery, checkAccount, editAccount, setSecrets, setState, type Account } from "@/features/settings/channels/api";
import { JsonForm } from "@/features/settings/JsonForm";
import styles from "@/features/settings/form.module.css";

/** One account: where its deliveries arrive, its keys, its tests and how its state changed. */
export function AccountDetail({ account }: { account: Account }) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const detail = useQuery(accountQuery(account.id));
  const [name, setName] = useState(account.name);
  const [config, setConfig] = useState<Record<string, unknown>>(account.config);
  const [busy, setBusy] = useState(false);
  const renew = () => Promise.all([client.invalidateQueries({ queryKey: ["settings", "channel-accounts"] }), client.invalidateQueries({ queryKey: ["settings", "channel-account", account.id] })]);
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    await work().then(() => message.success(t("common.saved")), (error: Error) => message.error(error.message));
    setBusy(false);
    await renew();
  };
  const check = async () => {
    setBusy(true);
    await checkAccount(account.id).then((found) => (found.result === "ok" ? message.success(said(found.message_zh)) : message.warning(said(found.message_zh))), (error: Error) => message.error(error.message));
    setBusy(false);
    await renew();
  };
  const revoke = () => modal.confirm({ title: t("channels.revokeTitle", { name: account.name }), content: t("channels.revokeHint"), okButtonProps: { danger: true }, okText: t("channels.revoke"), cancelText: t("common.cancel"), onOk: () => run(() => setState(account.id, "revoked", "")) });
  const hook = `${globalThis.location.origin}${account.hook_path}`;
  return (
    <div className={styles.wide}>
      <Facts items={[[t("channels.hook"), <code key="h" style={{ userSelect: "all" }}>{hook}</code>], [t("channels.since"), fullTime(account.state_at)], ...(account.state_reason ? [[t("common.reason"), said(account.state_reason)] as const] : [])]} />
      <div className={styles.line}>
        <Button loading={busy} onClick={() => void check()}>{t("channels.check")}</Button>
        {account.state === "active" ? <Button onClick={() => void run(() => setState(account.id, "paused", ""))}>{t("channels.pause")}</Button> : account.state === "paused" && <Button onClick={() => void run(() => setState(account.id, "active", ""))}>{t("channels.resume")}</Button>}
        {account.state !== "revoked" && <Button danger type="text" onClick={() => void revoke()}>{t("channels.revoke")}</Button>}
      </div>
      <label>{t("channels.name")}<Input value={name} onChange={(event) => setName(event.target.value)} maxLength={60} /></label>
      {Object.keys(account.config).length > 0 && <JsonForm value={config} onChange={(value) => setConfig(value as Record<string, unknown>)} />}
      <div className={styles.line}><Button type="primary" loading={busy} disabled={name === account.name && config === account.config} onClick={() => void run(() => editAccount(account, name, config))}>{t("common.save")}</Button></div>
      {account.secret_names.length > 0 && <Secrets names={account.secret_names} onSave={(secrets) => run(() => setSecrets(account.id, secrets))} />}
      {detail.isPending ? <LoadingRows rows={2} height={28} /> : detail.isError ? <ErrorState error={detail.error} /> : (
        <ul className={styles.history}>
          {detail.data.checks.slice(0, 5).map((one) => <li key={`c${one.id}`}><Pill tone={one.result === "ok" ? "good" : "near"}>{tOr(`channels.result.${one.result}`, one.result)}</Pill><span className="num quiet">{fullTime(one.at)}</span><span>{one.message_zh}</span><span className="quiet num">{one.took_ms} ms</span></li>)}
          {detail.data.states.slice(0, 5).map((one) => <li key={`s${one.at}`}><Pill>{tOr(`channels.state.${one.state}`, one.state)}</Pill><span className="num quiet">{fullTime(one.at)}</span><span>{said(one.reason)}</span><span className="quiet">{one.author}</span></li>)}
        </ul>
      )}
    </div>
  );
}

function Secrets({ names, onSave }: { names: readonly string[]; onSave: (secrets: Record<string, string>) => Promise<void> }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  return (
    <div className={styles.two}>
      {names.map((name) => <label key={name}>{tOr(`secret.${name}`, name)}<Input.Password value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.target.value })} placeholder={t("channels.secretKept")} autoComplete="off" /></label>)}
      <div className={styles.line}><Button disabled={Object.keys(filled).length === 0} onClick={() => void onSave(filled).then(() => setValues({}))}>{t("channels.saveSecrets")}</Button></div>
    </div>
  );
}
