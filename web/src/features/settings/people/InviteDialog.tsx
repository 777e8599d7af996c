import { useState } from "react";
import { Input, Modal, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import { fullTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { invite, linkOf, type LinkOffer } from "@/features/settings/people/api";
import { groupOptions } from "@/features/settings/groups";
import styles from "@/features/settings/form.module.css";

/** Makes a one-use link for a new colleague; it is shown once. */
export function InviteDialog({ roles, onClose, onDone }: { roles: readonly string[]; onClose: () => void; onDone: () => void }) {
  const groups = useQuery(groupOptions);
  const [name, setName] = useState("");
  const [role, setRole] = useState(roles.includes("agent") ? "agent" : roles[0]);
  const [chosen, setChosen] = useState<number[]>([]);
  const [offer, setOffer] = useState<LinkOffer | null>(null);
  const [problem, setProblem] = useState("");
  const make = () => role && invite(name.trim(), role, chosen).then((found) => { setOffer(found); onDone(); }, (error: Error) => setProblem(error.message));
  return (
    <Modal open title={t("people.invite")} onCancel={onClose} okText={offer ? t("common.close") : t("people.makeLink")} cancelText={t("common.cancel")} onOk={() => (offer ? onClose() : void make())} okButtonProps={{ disabled: !offer && !name.trim() }}>
      {offer ? (
        <div className={styles.once}><b>{t("people.linkOnce")}</b><pre>{linkOf("join", offer.secret)}</pre>{t("people.linkUntil", { time: fullTime(offer.expires_at) })}</div>
      ) : (
        <div className={styles.wide}>
          <label>{t("people.name")}<Input value={name} onChange={(event) => setName(event.target.value)} maxLength={40} autoFocus /></label>
          <label>{t("people.role")}<Select value={role} onChange={setRole} options={roles.map((value) => ({ value, label: tOr(`role.${value}`, value) }))} /></label>
          <label>{t("people.groups")}<Select mode="multiple" value={chosen} onChange={setChosen} options={groups.data ?? []} /></label>
          {problem && <p className={styles.problem} role="alert">{problem}</p>}
        </div>
      )}
    </Modal>
  );
}
