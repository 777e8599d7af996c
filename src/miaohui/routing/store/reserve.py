"""Statements about the reserve: calls, and when a queue is looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from miaohui.kit.clock import to_ms
from miaohui.kit.db import Sql, raw_count, raw_rows
from miaohui.routing.store.tables import chats, reserve_calls, reserve_watch

_WATCH = Sql(
    "INSERT INTO routing_reserve_watch (shop_id, look_at) VALUES (?, ?) ON CONFLICT (shop_id) DO UPDATE"
    " SET look_at = CASE WHEN routing_reserve_watch.look_at > excluded.look_at THEN excluded.look_at"
    " ELSE routing_reserve_watch.look_at END, quiet_since_at = NULL"
)
_DUE = Sql("SELECT shop_id FROM routing_reserve_watch WHERE look_at <= ? ORDER BY look_at LIMIT ?")


def watch(conn: Connection, shop_id: int, look_at: datetime) -> None:
    """Have a shop's queue looked at then, or earlier when that was planned."""
    raw_count(conn, _WATCH, (shop_id, to_ms(look_at)))


def due_shops(conn: Connection, now: datetime, limit: int) -> list[int]:
    """Return the shops whose queue is to be looked at now."""
    return [int(row[0]) for row in raw_rows(conn, _DUE, (to_ms(now), limit))]


def next_look(conn: Connection) -> datetime | None:
    """Return when the next queue is to be looked at, over all shops."""
    found: datetime | None = conn.execute(select(func.min(reserve_watch.c.look_at))).scalar()
    return found


def look_again(conn: Connection, shop_id: int, at: datetime | None, quiet_since: datetime | None) -> None:
    """Plan the next look; None: there is nothing to look for."""
    own = reserve_watch.c.shop_id == shop_id
    if at is None:
        conn.execute(reserve_watch.delete().where(own))
    else:
        conn.execute(update(reserve_watch).where(own).values(look_at=at, quiet_since_at=quiet_since))


def quiet_since(conn: Connection, shop_id: int) -> datetime | None:
    """Return since when nobody has waited in this shop."""
    query = select(reserve_watch.c.quiet_since_at).where(reserve_watch.c.shop_id == shop_id)
    found: datetime | None = conn.execute(query).scalar()
    return found


def longest_waits(conn: Connection, shop_id: int) -> list[Any]:
    """Return (group, since when its first chat waits, how many wait) of the queues, the longest first."""
    query = (
        select(chats.c.group_id, func.min(chats.c.queued_at), func.count())
        .where(chats.c.shop_id == shop_id, chats.c.state == "queued", chats.c.agent_id.is_(None))
        .group_by(chats.c.group_id)
        .order_by(func.min(chats.c.queued_at))
    )
    return [row for row in conn.execute(query) if row[1] is not None]


def open_calls(conn: Connection, shop_id: int) -> list[Any]:
    """Return the calls that are out or accepted, oldest first."""
    t = reserve_calls
    query = select(t).where(t.c.shop_id == shop_id, t.c.state.in_(("called", "accepted"))).order_by(t.c.id)
    return list(conn.execute(query))


def calls_since(conn: Connection, shop_id: int, since: datetime) -> dict[int, Any]:
    """Return each person's newest call that was made since then."""
    t = reserve_calls
    rows = conn.execute(select(t).where(t.c.shop_id == shop_id, t.c.called_at >= since).order_by(t.c.id))
    return {row.user_id: row for row in rows}


def find_call(conn: Connection, shop_id: int, call_id: int) -> Any:
    """Return one call, or None."""
    t = reserve_calls
    return conn.execute(select(t).where(t.c.shop_id == shop_id, t.c.id == call_id)).first()


def list_calls(conn: Connection, shop_id: int, user_id: int | None, limit: int) -> list[Any]:
    """Return the newest calls, of one person or of all."""
    t = reserve_calls
    query = select(t).where(t.c.shop_id == shop_id).order_by(t.c.id.desc()).limit(limit)
    return list(conn.execute(query if user_id is None else query.where(t.c.user_id == user_id)))


def add_call(conn: Connection, **values: Any) -> None:
    """Store a call."""
    conn.execute(insert(reserve_calls).values(**values))


def move_call(conn: Connection, call_id: int, before: str, after: str, **values: Any) -> bool:
    """Change a call's state, once; False when somebody else did."""
    t = reserve_calls
    moved = conn.execute(
        update(t).where(t.c.id == call_id, t.c.state == before).values(state=after, **values)
    )
    return moved.rowcount == 1
