import type { QueryClient } from "@tanstack/react-query";
import type { FeedEvent } from "@/live/protocol";
import { soon } from "@/lib/soon";
import { roomQuery, type Room } from "@/features/routing/api";
import { RESERVE_KEY } from "@/features/routing/reserve";

interface PresenceFacts { user_id: number; state: string; since_at: string }

/** Returns the floor after somebody's presence changed; the same object when that person has no seat. */
export function withPresence(room: Room, facts: PresenceFacts): Room {
  if (!room.items.some((seat) => seat.user_id === facts.user_id)) return room;
  const items = room.items.map((seat) => (seat.user_id === facts.user_id ? { ...seat, state: facts.state, since_at: facts.since_at } : seat));
  return { ...room, items, is_open: items.some((seat) => seat.state !== "offline") };
}

/** Returns the floor after a chat was placed: one more here, one fewer there. */
export function withPlaced(room: Room, agentId: number | null, previousId: number | null): Room {
  if (agentId === previousId) return room;
  const by = (id: number) => (id === agentId ? 1 : 0) - (id === previousId ? 1 : 0);
  return { ...room, items: room.items.map((seat) => (by(seat.user_id) === 0 ? seat : { ...seat, load: Math.max(0, seat.load + by(seat.user_id)) })) };
}

/** Events after which the floor is fetched again, because only the back end knows the figures. */
const REFETCH = new Set(["routing.conversation_queued", "routing.conversation_overflowed", "routing.queue_swapped", "routing.conversation_reprioritised", "routing.rules_changed",
  "routing.presence_changed", "inbox.conversation_assigned", "inbox.conversation_closed", "inbox.conversation_reopened", "inbox.message_received", "inbox.message_added", "inbox.reply_sent", "staff.capacity_changed"]);

/** Fetches the floor again soon, once for many events. */
const refetchSoon = soon(1_500, (client: QueryClient) => void client.invalidateQueries({ queryKey: roomQuery.queryKey }));

/** Puts an event of routing into the cache. */
export function applyRoutingEvent(client: QueryClient, event: FeedEvent): void {
  const facts = event.data as unknown as PresenceFacts & { conversation_id?: number; agent_id?: number | null; previous_agent_id?: number | null };
  const change = (how: (room: Room) => Room) => client.setQueryData<Room>(roomQuery.queryKey, (room) => (room ? how(room) : room));
  if (event.name === "routing.presence_changed") change((room) => withPresence(room, facts));
  if (event.name === "routing.conversation_placed") {
    change((room) => withPlaced(room, facts.agent_id ?? null, facts.previous_agent_id ?? null));
    refetchSoon(client);
  }
  if (event.name === "routing.reserve_call_changed") void client.invalidateQueries({ queryKey: RESERVE_KEY });
  if (facts.conversation_id && event.name.startsWith("routing.")) void client.invalidateQueries({ queryKey: ["routing", "decisions", facts.conversation_id] });
  if (REFETCH.has(event.name)) refetchSoon(client);
}
