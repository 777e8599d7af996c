import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { roomQuery, type Room, type Seat } from "@/features/routing/api";
import { groupsQuery } from "@/features/staff/api";
import { useSession } from "@/app/session";

export interface Names {
  agents: Readonly<Record<number, string>>;
  groups: Readonly<Record<number, string>>;
}

const NOBODY: readonly Seat[] = [];
const namesIn = (room: Room): Record<number, string> => Object.fromEntries(room.items.map((seat) => [seat.user_id, seat.name]));

/** Returns the names of colleagues and groups, by their numbers; empty until they are known. The same object until a name changes. */
export function useNames(): Names {
  const seats = useQuery({ ...roomQuery, select: namesIn });
  const groups = useQuery(groupsQuery);
  const session = useSession();
  return useMemo(() => ({
    agents: { [session.user_id]: session.name, ...seats.data },
    groups: Object.fromEntries((groups.data ?? []).map((group) => [group.id, group.name])),
  }), [seats.data, groups.data, session.user_id, session.name]);
}

/** Returns everybody's seat: state, load, capacity. Changes with every chat that is placed. */
export function useSeats(): readonly Seat[] {
  return useQuery(roomQuery).data?.items ?? NOBODY;
}
