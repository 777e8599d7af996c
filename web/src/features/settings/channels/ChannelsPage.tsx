import { useState } from "react";
import { Button } from "antd";
import { useQuery } from "@tanstack/react-query";
import { Cable, Plus } from "lucide-react";
import { said, t, tOr } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows, Sheet } from "@/ui/Sheet";
import { accountsQuery, channelsQuery, type Channel } from "@/features/settings/channels/api";
import { AccountDetail } from "@/features/settings/channels/AccountDetail";
import { Health } from "@/features/settings/channels/Health";
import { AddAccount } from "@/features/settings/channels/AddAccount";

const TONES = { active: "good", paused: "near", needs_login: "breached", revoked: "plain" } as const;

/** The accounts of the shop on every channel: their state, a test of the connection, keys and addresses. */
export default function ChannelsPage() {
  const accounts = useQuery(accountsQuery);
  const channels = useQuery(channelsQuery);
  const [open, setOpen] = useState<number | null>(null);
  const [adding, setAdding] = useState(false);
  if (accounts.isPending) return <LoadingRows />;
  if (accounts.isError) return <ErrorState error={accounts.error} onRetry={() => void accounts.refetch()} />;
  return (
    <Sheet title={t("settings.channels")} hint={t("channels.hint")} actions={<Button type="primary" icon={<Plus size={14} />} onClick={() => setAdding(true)}>{t("channels.add")}</Button>}>
      {accounts.data.length === 0 ? <EmptyState icon={<Cable />} title={t("channels.none")} hint={t("channels.noneHint")} /> : (
        <Rows rows={accounts.data} keyOf={(row) => row.id} openKey={open} onOpen={(row) => setOpen(open === row.id ? null : row.id)}
          columns={[
            { name: t("channels.name"), value: (row) => <b>{row.name}</b> },
            { name: t("channels.channel"), value: (row) => tOr(`channel.${row.channel}`, row.channel) },
            { name: t("channels.key"), value: (row) => <code>{row.account_key}</code> },
            { name: t("channels.state"), value: (row) => <Pill tone={TONES[row.state as keyof typeof TONES] ?? "plain"}>{tOr(`channels.state.${row.state}`, row.state)}</Pill>, narrow: true },
            { name: t("channels.health"), value: (row) => <Health account={row} /> },
          ]}
          detail={(row) => <AccountDetail account={row} />} />
      )}
      {channels.data && <Abilities channels={channels.data} />}
      {adding && channels.data && <AddAccount channels={channels.data} onClose={() => setAdding(false)} />}
    </Sheet>
  );
}

function Abilities({ channels }: { channels: readonly Channel[] }) {
  return (
    <Part title={t("channels.abilities")} hint={t("channels.abilitiesHint")}>
      <Rows rows={channels} keyOf={(row) => row.channel}
        columns={[
          { name: t("channels.channel"), value: (row) => <b style={{ whiteSpace: "nowrap" }}>{said(row.name_zh)}</b> },
          { name: t("channels.sends"), value: (row) => row.parts_out.length > 0 ? row.parts_out.map((part) => tOr(`partName.${part}`, part)).join(" · ") : <span className="quiet">{t("partName.none")}</span> },
          { name: t("channels.chars"), value: (row) => <span className="num">{row.max_text_chars ?? "–"}</span>, narrow: true },
          { name: t("channels.notes"), value: (row) => <>{said(row.notes_zh)} {row.unverified.length > 0 && <Pill tone="near" title={row.unverified.join(", ")}>{t("channels.unverified")}</Pill>}</> },
        ]} />
    </Part>
  );
}
