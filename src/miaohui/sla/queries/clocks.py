"""Reads of open clocks: what burns, for whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.elements import ColumnElement

from miaohui.sla.model.waiting import SlowReply, slow_reply
from miaohui.sla.store import clocks, retargets


def seen_by(agent_id: int, group_ids: Collection[int], *, own_only: bool = False) -> ColumnElement[bool]:
    """Return what limits a list to one's own conversations and, unless `own_only`, one's groups'."""
    own = clocks.c.agent_id == agent_id
    return own if own_only else or_(own, clocks.c.group_id.in_(group_ids))


def list_open_clocks(
    conn: Connection, shop_id: int, *, limit: int = 100, after: tuple[datetime, int] | None = None,
    only: ColumnElement[bool] | None = None,
) -> list[Row[Any]]:  # fmt: skip
    """Return open clocks by their deadline, what burns first; `after`: the last row's deadline and id."""
    query = select(clocks).where(clocks.c.shop_id == shop_id, clocks.c.ended_at.is_(None))
    if only is not None:
        query = query.where(only)
    if after is not None:
        due_at, clock_id = after
        query = query.where(
            or_(clocks.c.due_at > due_at, (clocks.c.due_at == due_at) & (clocks.c.id > clock_id))
        )
    return list(conn.execute(query.order_by(clocks.c.due_at, clocks.c.id).limit(limit)))


def find_open_clock(conn: Connection, shop_id: int, conversation_id: int) -> Row[Any] | None:
    """Return the open clock of a conversation with target and reason, or None."""
    return conn.execute(
        select(clocks).where(
            clocks.c.shop_id == shop_id,
            clocks.c.conversation_id == conversation_id,
            clocks.c.ended_at.is_(None),
        )
    ).first()


def count_open(conn: Connection, shop_id: int, only: ColumnElement[bool] | None = None) -> dict[str, int]:
    """Return how many clocks run, and how many of them are warned and breached."""
    query = select(
        func.count().label("open"),
        func.count(clocks.c.warned_at).label("warned"),
        func.count(clocks.c.breached_at).label("breached"),
    ).where(clocks.c.shop_id == shop_id, clocks.c.ended_at.is_(None))
    row = conn.execute(query if only is None else query.where(only)).one()
    return dict(row._mapping)


def list_slow_replies(conn: Connection, shop_id: int, now: datetime) -> dict[int, SlowReply]:
    """Return each agent's pop-up: all who wait 100 s or more, led by the longest (domain.md §2.3)."""
    rows = conn.execute(
        select(clocks.c.agent_id, clocks.c.conversation_id, clocks.c.started_at).where(
            clocks.c.shop_id == shop_id,
            clocks.c.ended_at.is_(None),
            clocks.c.agent_id.is_not(None),
            clocks.c.popup_at <= now,
        )
    )
    waits: dict[int, list[tuple[int, datetime]]] = {}
    for row in rows:
        waits.setdefault(row.agent_id, []).append((row.conversation_id, row.started_at))
    merged = {agent_id: slow_reply(found) for agent_id, found in waits.items()}
    return {agent_id: found for agent_id, found in merged.items() if found is not None}


def list_retargets(conn: Connection, shop_id: int, clock_id: int) -> list[Row[Any]]:
    """Return why a clock's deadline changed, oldest first."""
    table = retargets.c
    return list(
        conn.execute(
            select(retargets).where(table.shop_id == shop_id, table.clock_id == clock_id).order_by(table.id)
        )
    )
