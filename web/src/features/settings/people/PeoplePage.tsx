import { useState } from "react";
import { App, Button, Dropdown, Select } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal, UserPlus } from "lucide-react";
import { fullTime } from "@/lib/format";
import { t, tOr } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows, Sheet } from "@/ui/Sheet";
import { changeRole, depart, endSessions, invitationsQuery, linkOf, membersQuery, resetPassword, rolesQuery, withdraw, type Member } from "@/features/settings/people/api";
import { InviteDialog } from "@/features/settings/people/InviteDialog";
import { RoleMatrix } from "@/features/settings/people/RoleMatrix";
import styles from "@/features/settings/form.module.css";

/** Who may enter, and as what; invitations that nobody has used yet; what each role may do. */
export default function PeoplePage() {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const members = useQuery(membersQuery);
  const roles = useQuery(rolesQuery);
  const invitations = useQuery(invitationsQuery);
  const [inviting, setInviting] = useState(false);
  const done = (text: string) => () => { void message.success(text); return client.invalidateQueries({ queryKey: ["settings"] }); };
  const failed = (error: Error) => void message.error(error.message);
  const granted = (roles.data?.roles ?? []).filter((role) => role.can_grant);
  const reset = (member: Member) => resetPassword(member.user_id).then((offer) => void modal.info({ title: t("people.resetTitle", { name: member.display_name }), content: <div className={styles.once}><pre>{linkOf("reset", offer.secret)}</pre>{t("people.linkUntil", { time: fullTime(offer.expires_at) })}</div>, width: 560 }), failed);
  const leave = (member: Member) => modal.confirm({ title: t("people.departTitle", { name: member.display_name }), content: t("people.departHint"), okButtonProps: { danger: true }, okText: t("people.depart"), cancelText: t("common.cancel"), onOk: () => depart(member, "").then(done(t("common.saved")), failed) });
  const acts = (member: Member) => [
    { key: "reset", label: t("people.reset"), onClick: () => void reset(member) },
    { key: "end", label: t("people.endSessions"), onClick: () => void endSessions(member.user_id).then((ended) => message.success(t("people.sessionsEnded", { n: ended.ended_count })), failed) },
    { key: "depart", label: t("people.depart"), danger: true, onClick: () => void leave(member) },
  ];
  if (members.isPending) return <LoadingRows />;
  if (members.isError) return <ErrorState error={members.error} onRetry={() => void members.refetch()} />;
  return (
    <Sheet title={t("settings.people")} hint={t("people.hint")} actions={<Button type="primary" icon={<UserPlus size={14} />} onClick={() => setInviting(true)}>{t("people.invite")}</Button>}>
      <Rows rows={members.data} keyOf={(row) => row.user_id}
        columns={[
          { name: t("people.name"), value: (row) => <><b>{row.display_name}</b> <span className="quiet" style={{ whiteSpace: "nowrap" }}>{row.login}</span></> },
          { name: t("people.role"), value: (row) => row.role === null ? <Pill>{t("people.left")}</Pill> : (
            <Select size="small" variant="borderless" value={row.role} aria-label={t("people.role")} style={{ width: 136 }} disabled={!granted.some((role) => role.role === row.role)} options={granted.map((role) => ({ value: role.role, label: tOr(`role.${role.role}`, role.name_zh) }))}
              onChange={(role) => void changeRole(row, role, "").then(done(t("common.saved")), failed)} />) },
          { name: t("me.totp"), value: (row) => <Pill tone={row.has_totp ? "good" : "plain"}>{t(row.has_totp ? "me.totpOn" : "me.totpOff")}</Pill>, narrow: true },
          { name: t("me.seen"), value: (row) => <span className="num quiet">{row.seen_at ? fullTime(row.seen_at) : "–"}</span>, narrow: true },
          { name: "", value: (row) => row.role !== null && <Dropdown menu={{ items: acts(row) }} trigger={["click"]}><Button size="small" type="text" icon={<MoreHorizontal size={15} />} aria-label={t("common.more")} /></Dropdown>, narrow: true },
        ]} />
      {(invitations.data?.length ?? 0) > 0 && (
        <Part title={t("people.open")}>
          <Rows rows={invitations.data ?? []} keyOf={(row) => row.id}
            columns={[
              { name: t("people.name"), value: (row) => row.display_name },
              { name: t("people.role"), value: (row) => tOr(`role.${row.role}`, row.role_zh) },
              { name: t("people.until"), value: (row) => <span className="num">{fullTime(row.expires_at)}</span> },
              { name: "", value: (row) => <Button size="small" onClick={() => void withdraw(row.id).then(done(t("common.saved")), failed)}>{t("people.withdraw")}</Button>, narrow: true },
            ]} />
        </Part>
      )}
      {roles.data && <RoleMatrix roles={roles.data} />}
      {inviting && <InviteDialog roles={granted.map((role) => role.role)} onClose={() => setInviting(false)} onDone={() => void client.invalidateQueries({ queryKey: invitationsQuery.queryKey })} />}
    </Sheet>
  );
}
