import type { QueryClient } from "@tanstack/react-query";
import type { FeedEvent } from "@/live/protocol";
import { todayQuery, type AgentFigures, type Figures, type Today } from "@/features/sla/api";

/** Returns the day after new figures of the shop or of one agent; a new date is left to a fresh fetch. */
export function withFigures(today: Today, name: string, facts: { on_date: string; agent_id?: number } & Figures): Today | null {
  if (facts.on_date !== today.on_date) return null;
  const { on_date: _, ...figures } = facts;
  if (name === "sla.today_changed") return { ...today, shop: { ...today.shop, ...figures } };
  const own = figures as AgentFigures;
  const others = today.agents.filter((agent) => agent.agent_id !== own.agent_id);
  return { ...today, agents: [...others, own].toSorted((a, b) => a.agent_id - b.agent_id) };
}

/** Puts an event of the reply clocks into the cache. */
export function applySlaEvent(client: QueryClient, event: FeedEvent): void {
  if (event.name !== "sla.today_changed" && event.name !== "sla.agent_today_changed") return;
  const before = client.getQueryData<Today>(todayQuery.queryKey);
  if (!before) return;
  const after = withFigures(before, event.name, event.data as never);
  if (after) client.setQueryData<Today>(todayQuery.queryKey, after);
  else void client.invalidateQueries({ queryKey: todayQuery.queryKey });
}
