import { App, Dropdown } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import { t } from "@/lib/i18n";
import { roomQuery, setPresence, useMySeat, type Presence } from "@/features/routing/api";
import { withPresence } from "@/features/routing/live";
import { can, useSession } from "@/app/session";
import styles from "@/app/shell/shell.module.css";

const ALL: readonly Presence[] = ["online", "on_break", "offline"];

/** One's presence: 在线 / 小休 / 离线, with the platform's meaning. Offline with open chats offers to hand them over. */
export function PresenceSwitch() {
  const session = useSession();
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const seat = useMySeat(session.user_id);
  if (!can(session, "routing.presence") || !seat.data) return null;
  const now = seat.data.state as Presence | "unreachable";

  const change = async (wanted: Presence, handover = false) => {
    try {
      const standing = await setPresence(wanted, handover);
      client.setQueryData(roomQuery.queryKey, (room) => room && withPresence(room, { user_id: session.user_id, state: standing.state, since_at: standing.since_at ?? "" }));
    } catch (error) {
      if (error instanceof ApiError && error.code === "routing.in_progress" && !handover) {
        modal.confirm({ title: t("presence.handoverTitle"), content: t("presence.handoverHint"), okText: t("presence.handover"), cancelText: t("common.cancel"), onOk: () => change(wanted, true) });
      } else void message.error(t("shell.presenceRefused", { reason: error instanceof Error ? error.message : "" }));
    }
  };
  const items = ALL.map((name) => ({
    key: name,
    icon: <Sign presence={name} />,
    label: <span className={styles.menuLine}><b>{t(`presence.${name}`)}</b><small>{t(`presence.${name}.hint`)}</small></span>,
  }));
  return (
    <Dropdown menu={{ items, selectedKeys: [now], onClick: ({ key }) => void change(key as Presence) }} trigger={["click"]} placement="bottomRight">
      <button type="button" data-tour="presence" className={styles.presence} aria-label={`${t("shell.presence")}: ${t(`presence.${now}`)}`}>
        <Sign presence={now} />{t(`presence.${now}`)}
        <span className="quiet num">{seat.data.load}/{seat.data.max_concurrency}</span>
      </button>
    </Dropdown>
  );
}

/** The shape of a presence: full, half, empty. */
export function Sign({ presence }: { presence: string }) {
  const tone = presence === "online" ? styles.online : presence === "on_break" ? styles.on_break : styles.offline;
  return (
    <svg viewBox="0 0 12 12" className={`${styles.sign} ${tone}`} aria-hidden>
      <circle cx="6" cy="6" r="4.800" fill={presence === "online" ? "currentColor" : "none"} stroke="currentColor" strokeWidth="1.800" />
      {presence === "on_break" && <path d="M6 1.200a4.800 4.800 0 0 0 0 9.600z" fill="currentColor" />}
      {presence === "unreachable" && <path d="M3.500 3.500l5 5" stroke="currentColor" strokeWidth="1.600" />}
    </svg>
  );
}
