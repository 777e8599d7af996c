import { useState } from "react";
import { Input, Modal, Select } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { said, t, tOr } from "@/lib/i18n";
import { accountsQuery, addAccount, type Channel } from "@/features/settings/channels/api";
import styles from "@/features/settings/form.module.css";

/** Takes a channel into use: its name here, and the keys that the platform gave. */
export function AddAccount({ channels, onClose }: { channels: readonly Channel[]; onClose: () => void }) {
  const client = useQueryClient();
  const [channel, setChannel] = useState(channels[0]?.channel ?? "");
  const [name, setName] = useState("");
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const needs = channels.find((one) => one.channel === channel)?.needs_secrets ?? [];
  const add = () => addAccount(channel, name.trim(), Object.fromEntries(Object.entries(secrets).filter(([key, value]) => value && needs.includes(key)))).then(
    () => { void client.invalidateQueries({ queryKey: accountsQuery.queryKey }); onClose(); },
    (error: Error) => setProblem(error.message),
  );
  return (
    <Modal open title={t("channels.add")} onCancel={onClose} onOk={() => void add()} okText={t("common.add")} cancelText={t("common.cancel")} okButtonProps={{ disabled: !name.trim() }}>
      <div className={styles.wide}>
        <label>{t("channels.channel")}<Select value={channel} onChange={setChannel} options={channels.map((one) => ({ value: one.channel, label: said(one.name_zh) }))} /></label>
        <label>{t("channels.name")}<Input value={name} onChange={(event) => setName(event.target.value)} maxLength={60} /></label>
        {needs.map((key) => <label key={key}>{tOr(`secret.${key}`, key)}<Input.Password value={secrets[key] ?? ""} onChange={(event) => setSecrets({ ...secrets, [key]: event.target.value })} autoComplete="off" /></label>)}
        {problem && <p className={styles.problem} role="alert">{problem}</p>}
      </div>
    </Modal>
  );
}
