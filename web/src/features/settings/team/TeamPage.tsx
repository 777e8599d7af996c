import { useState } from "react";
import { App, Button, InputNumber, Select } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { t, tOr } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows, Sheet } from "@/ui/Sheet";
import { groupOptions } from "@/features/settings/groups";
import { AgentSkills } from "@/features/settings/team/AgentSkills";

type Agent = components["schemas"]["AgentOut"];
type Group = components["schemas"]["GroupOut"];

const agentsQuery = queryOptions({ queryKey: ["settings", "team", "agents"] as const, queryFn: async () => (await ask(api.GET("/api/agents", { params: { query: { limit: 500 } } }))).items });
const groupsQuery = queryOptions({ queryKey: ["settings", "team", "groups"] as const, queryFn: async () => (await ask(api.GET("/api/groups"))).items.filter((group) => group.archived_at === null) });

/** Agents with their groups, how many chats each takes at once, and skills; groups with their overflow. */
export default function TeamPage() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const agents = useQuery(agentsQuery);
  const groups = useQuery(groupsQuery);
  const options = useQuery(groupOptions);
  const [open, setOpen] = useState<number | null>(null);
  const run = (work: Promise<unknown>) => work.then(() => client.invalidateQueries({ queryKey: ["settings", "team"] }), (error: Error) => { void message.error(error.message); return client.invalidateQueries({ queryKey: ["settings", "team"] }); });
  if (agents.isPending || groups.isPending) return <LoadingRows />;
  if (agents.isError) return <ErrorState error={agents.error} onRetry={() => void agents.refetch()} />;
  if (groups.isError) return <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />;
  const setGroups = (agent: Agent, group_ids: number[]) => run(ask(api.PUT("/api/agents/{user_id}", { params: { path: { user_id: agent.user_id } }, body: { display_name: agent.display_name, group_ids, version: agent.version } })));
  const setOverflow = (group: Group, group_ids: number[]) => run(ask(api.PUT("/api/groups/{group_id}/overflow", { params: { path: { group_id: group.id } }, body: { group_ids, version: group.version } })));
  const setReserve = (agent: Agent) => run(ask(agent.in_reserve ? api.DELETE("/api/agents/{user_id}/reserve", { params: { path: { user_id: agent.user_id } } }) : api.PUT("/api/agents/{user_id}/reserve", { params: { path: { user_id: agent.user_id } }, body: { reason: t("team.reserve") } })));
  return (
    <Sheet title={t("settings.groups")} hint={t("team.hint")}>
      <Part title={t("team.agents")}>
        <Rows rows={agents.data} keyOf={(row) => row.user_id} openKey={open} onOpen={(row) => setOpen(open === row.user_id ? null : row.user_id)}
          columns={[
            { name: t("people.name"), value: (row) => <><b>{row.display_name}</b> {row.in_reserve && <Pill tone="calm">{t("team.reserve")}</Pill>}</> },
            { name: t("people.groups"), value: (row) => <Select mode="multiple" size="small" variant="borderless" style={{ minWidth: 180 }} value={row.group_ids} options={options.data ?? []} onChange={(ids) => void setGroups(row, ids)} aria-label={t("people.groups")} /> },
            { name: t("team.capacity"), value: (row) => <Capacity agent={row} onDone={() => client.invalidateQueries({ queryKey: ["settings", "team"] })} />, narrow: true },
            { name: "", value: (row) => <Button size="small" type="text" onClick={() => void setReserve(row)}>{t(row.in_reserve ? "team.fromReserve" : "team.toReserve")}</Button>, narrow: true },
          ]}
          detail={(row) => <AgentSkills userId={row.user_id} />} />
      </Part>
      <Part title={t("team.groups")} hint={t("team.overflowHint")}>
        <Rows rows={groups.data} keyOf={(row) => row.id}
          columns={[
            { name: t("people.name"), value: (row) => <b>{row.name}</b> },
            { name: t("team.kind"), value: (row) => tOr(`groupKind.${row.kind}`, row.kind), narrow: true },
            { name: t("team.members"), value: (row) => <span className="num">{row.user_ids.length}</span>, narrow: true },
            { name: t("team.overflow"), value: (row) => <Select mode="multiple" size="small" variant="borderless" style={{ minWidth: 200 }} value={row.overflow_group_ids} placeholder={t("common.none")} options={(options.data ?? []).filter((option) => option.value !== row.id)} onChange={(ids) => void setOverflow(row, ids)} aria-label={t("team.overflow")} /> },
          ]} />
      </Part>
    </Sheet>
  );
}

function Capacity({ agent, onDone }: { agent: Agent; onDone: () => Promise<void> }) {
  const { message } = App.useApp();
  const save = async (value: number | null) => {
    if (value === null || value === agent.max_concurrency) return;
    const path = { params: { path: { user_id: agent.user_id } } };
    try {
      const { version } = await ask(api.GET("/api/agents/{user_id}/capacity", path));
      await ask(api.PUT("/api/agents/{user_id}/capacity", { ...path, body: { max_concurrency: value, version, reason: "" } }));
      void message.success(t("common.saved"));
    } catch (error) {
      void message.error((error as Error).message);
    }
    await onDone();
  };
  return <InputNumber size="small" min={1} max={50} defaultValue={agent.max_concurrency} key={agent.max_concurrency} onBlur={(event) => void save(Number(event.target.value) || null)} onPressEnter={(event) => event.currentTarget.blur()} style={{ width: 70 }} aria-label={t("team.capacity")} />;
}
