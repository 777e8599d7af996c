"""Hot statements on presences, exclusions, who served whom, and the backlog marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Sql, raw_count, raw_rows
from miaohui.routing.model import Presence, Standing

_COLUMNS = "user_id, presence, since_at, alive_until_at, unreachable_at, last_placed_at"
_LIST = Sql(f"SELECT {_COLUMNS} FROM routing_presences WHERE shop_id = ?")
_READ = Sql(f"SELECT {_COLUMNS} FROM routing_presences WHERE shop_id = ? AND user_id = ?")
_SET = Sql(
    "INSERT INTO routing_presences (shop_id, user_id, presence, since_at, alive_until_at, unreachable_at,"
    " offline_at, last_placed_at) VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL)"
    " ON CONFLICT (shop_id, user_id) DO UPDATE SET presence = excluded.presence, since_at = excluded.since_at,"
    " alive_until_at = excluded.alive_until_at, unreachable_at = NULL, offline_at = NULL"
)
_BEAT = Sql(
    "UPDATE routing_presences SET alive_until_at = ? WHERE shop_id = ? AND user_id = ?"
    " AND presence <> 'offline' AND unreachable_at IS NULL"
)
_RETURN = Sql(
    "UPDATE routing_presences SET alive_until_at = ?, unreachable_at = NULL, offline_at = NULL"
    " WHERE shop_id = ? AND user_id = ? AND unreachable_at IS NOT NULL AND presence <> 'offline'"
)
_LOSE = Sql(
    "UPDATE routing_presences SET alive_until_at = NULL, unreachable_at = ?, offline_at = ?"
    " WHERE shop_id = ? AND user_id = ? AND alive_until_at <= ?"
)
_EXPIRED = Sql(
    "SELECT shop_id, user_id FROM routing_presences WHERE alive_until_at <= ? ORDER BY alive_until_at LIMIT ?"
)
_GIVE_UP = Sql(
    "SELECT shop_id, user_id FROM routing_presences WHERE offline_at <= ? ORDER BY offline_at LIMIT ?"
)
_PLACED = Sql("UPDATE routing_presences SET last_placed_at = ? WHERE shop_id = ? AND user_id = ?")
_EXCLUDE = Sql(
    "INSERT INTO routing_exclusions (shop_id, conversation_id, user_id, until_at, reason) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (shop_id, conversation_id, user_id) DO UPDATE SET until_at = excluded.until_at,"
    " reason = excluded.reason"
)
_EXCLUDED = Sql(
    "SELECT user_id FROM routing_exclusions WHERE shop_id = ? AND conversation_id = ? AND until_at > ?"
)
_INCLUDE_ALL = Sql("DELETE FROM routing_exclusions WHERE shop_id = ? AND conversation_id = ?")
_INCLUDE_DUE = Sql("DELETE FROM routing_exclusions WHERE until_at <= ? RETURNING shop_id")
_SERVED = Sql(
    "INSERT INTO routing_served (shop_id, buyer_id, agent_id, served_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (shop_id, buyer_id) DO UPDATE SET agent_id = excluded.agent_id, served_at = excluded.served_at"
)
_STICKY = Sql("SELECT agent_id FROM routing_served WHERE shop_id = ? AND buyer_id = ? AND served_at >= ?")
_MARK = Sql("INSERT INTO routing_backlogs (shop_id, since_at) VALUES (?, ?) ON CONFLICT (shop_id) DO NOTHING")
_UNMARK = Sql("DELETE FROM routing_backlogs WHERE shop_id = ?")
_MARKED = Sql("SELECT shop_id FROM routing_backlogs ORDER BY since_at LIMIT 1")


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """A person's stored presence."""

    standing: Standing
    alive_until_at: datetime | None
    last_placed_at: datetime | None


def _at(value: int | None) -> datetime | None:
    return None if value is None else from_ms(value)


def list_presences(conn: Connection, shop_id: int) -> dict[int, PresenceRow]:
    """Return everybody's presence; who is missing was never here."""
    return {
        r[0]: PresenceRow(Standing(r[0], Presence(r[1]), from_ms(r[2]), _at(r[4])), _at(r[3]), _at(r[5]))
        for r in raw_rows(conn, _LIST, (shop_id,))
    }


def find_presence(conn: Connection, shop_id: int, user_id: int) -> PresenceRow | None:
    """Return one person's presence, or None."""
    for r in raw_rows(conn, _READ, (shop_id, user_id)):
        standing = Standing(r[0], Presence(r[1]), from_ms(r[2]), _at(r[4]))
        return PresenceRow(standing, _at(r[3]), _at(r[5]))
    return None


def set_presence(conn: Connection, shop_id: int, standing: Standing, alive_until_at: datetime | None) -> None:
    """Write the chosen presence; being chosen, it is reachable."""
    alive = None if alive_until_at is None else to_ms(alive_until_at)
    values = (shop_id, standing.user_id, standing.presence.value, to_ms(standing.since_at), alive)
    raw_count(conn, _SET, values)


def beat(conn: Connection, shop_id: int, user_id: int, alive_until_at: datetime) -> bool:
    """Keep a reachable person alive; False when they are offline, lost or unknown."""
    return raw_count(conn, _BEAT, (to_ms(alive_until_at), shop_id, user_id)) == 1


def bring_back(conn: Connection, shop_id: int, user_id: int, alive_until_at: datetime) -> bool:
    """End a person's being lost; False when they were not."""
    return raw_count(conn, _RETURN, (to_ms(alive_until_at), shop_id, user_id)) == 1


def lose(conn: Connection, shop_id: int, user_id: int, now: datetime, offline_at: datetime) -> bool:
    """Mark a person as lost if their time is really over; False when a heartbeat was faster."""
    return raw_count(conn, _LOSE, (to_ms(now), to_ms(offline_at), shop_id, user_id, to_ms(now))) == 1


def list_expired(conn: Connection, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return (shop, person) whose heartbeat is overdue."""
    return [(r[0], r[1]) for r in raw_rows(conn, _EXPIRED, (to_ms(now), limit))]


def list_given_up(conn: Connection, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return (shop, person) who were lost for so long that they are set offline."""
    return [(r[0], r[1]) for r in raw_rows(conn, _GIVE_UP, (to_ms(now), limit))]


def note_placed(conn: Connection, shop_id: int, user_id: int, now: datetime) -> None:
    """Remember when somebody last got a new chat."""
    raw_count(conn, _PLACED, (to_ms(now), shop_id, user_id))


def exclude(
    conn: Connection, shop_id: int, conversation_id: int, user_id: int, until: tuple[datetime, str]
) -> None:
    """Keep a chat from going back to somebody until a time, with the reason."""
    raw_count(conn, _EXCLUDE, (shop_id, conversation_id, user_id, to_ms(until[0]), until[1]))


def excluded(conn: Connection, shop_id: int, conversation_id: int, now: datetime) -> frozenset[int]:
    """Return who must not get this chat now."""
    return frozenset(r[0] for r in raw_rows(conn, _EXCLUDED, (shop_id, conversation_id, to_ms(now))))


def include_all(conn: Connection, shop_id: int, conversation_id: int) -> None:
    """Forget a conversation's exclusions."""
    raw_count(conn, _INCLUDE_ALL, (shop_id, conversation_id))


def include_due(conn: Connection, now: datetime) -> tuple[int, set[int]]:
    """Forget exclusions whose time is over; return how many, and in which shops."""
    rows = raw_rows(conn, _INCLUDE_DUE, (to_ms(now),))
    return len(rows), {r[0] for r in rows}


def note_served(conn: Connection, shop_id: int, buyer_id: int, agent_id: int, at: datetime) -> None:
    """Remember who last answered a buyer."""
    raw_count(conn, _SERVED, (shop_id, buyer_id, agent_id, to_ms(at)))


def sticky(conn: Connection, shop_id: int, buyer_id: int, since: datetime) -> int | None:
    """Return who answered this buyer last, if that was after `since`."""
    found = raw_rows(conn, _STICKY, (shop_id, buyer_id, to_ms(since)))
    return int(found[0][0]) if found else None


def mark_backlog(conn: Connection, shop_id: int, now: datetime) -> None:
    """Note that a shop's queue is not drained to the end."""
    raw_count(conn, _MARK, (shop_id, to_ms(now)))


def unmark_backlog(conn: Connection, shop_id: int) -> None:
    """Forget the mark."""
    raw_count(conn, _UNMARK, (shop_id,))


def next_backlog(conn: Connection) -> int | None:
    """Return a shop whose queue is not drained to the end, or None."""
    found = raw_rows(conn, _MARKED)
    return int(found[0][0]) if found else None
