import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { roomQuery, type Seat } from "@/features/routing/api";
import { groupsQuery } from "@/features/staff/api";
import { useSession } from "@/app/session";

export interface Names {
  agents: Readonly<Record<number, string>>;
  groups: Readonly<Record<number, string>>;
  seats: readonly Seat[];
}

/** Returns the names of colleagues and groups, by their numbers; empty until they are known. */
export function useNames(): Names {
  const room = useQuery(roomQuery);
  const groups = useQuery(groupsQuery);
  const session = useSession();
  return useMemo(() => ({
    agents: Object.fromEntries([[session.user_id, session.name], ...(room.data?.items ?? []).map((seat) => [seat.user_id, seat.name] as const)]),
    groups: Object.fromEntries((groups.data ?? []).map((group) => [group.id, group.name])),
    seats: room.data?.items ?? [],
  }), [room.data, groups.data, session.user_id, session.name]);
}
