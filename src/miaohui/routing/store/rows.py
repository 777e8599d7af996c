"""Cold statements: decisions, state spans, settings, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Sql, raw_count, raw_rows
from miaohui.routing.model import LOOK_BACK, MAX_SAMPLES, Departure, Rules, Span, rules_of
from miaohui.routing.store.tables import chats, decisions, exclusions, presences, settings, spans

_DECIDE = Sql(
    "INSERT INTO routing_decisions (id, shop_id, conversation_id, at, trigger, outcome, agent_id,"
    " previous_agent_id, group_id, queued_at, by_user_id, note, detail)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PURGE = Sql(
    "DELETE FROM routing_decisions WHERE id IN (SELECT id FROM routing_decisions"
    " WHERE shop_id = ? AND id < ? ORDER BY id LIMIT ?)"
)
_RULES = Sql("SELECT version, value FROM routing_settings WHERE shop_id = ? ORDER BY version DESC LIMIT 1")
_SET_OVERFLOW = Sql(
    "UPDATE routing_chats SET overflow_step = ?, overflow_at = ? WHERE shop_id = ? AND conversation_id = ?"
)
_MERGE_CHATS = Sql("UPDATE routing_chats SET buyer_id = ? WHERE shop_id = ? AND buyer_id = ?")
_MERGE_SERVED = Sql(
    "INSERT INTO routing_served (shop_id, buyer_id, agent_id, served_at)"
    " SELECT shop_id, ?, agent_id, served_at FROM routing_served WHERE shop_id = ? AND buyer_id = ?"
    " ON CONFLICT (shop_id, buyer_id) DO UPDATE SET agent_id = excluded.agent_id,"
    " served_at = excluded.served_at WHERE excluded.served_at > routing_served.served_at"
)
_DEPARTURES = Sql(
    "SELECT queued_at, at FROM routing_decisions WHERE shop_id = ? AND group_id = ? AND at >= ?"
    " AND queued_at IS NOT NULL ORDER BY at DESC LIMIT ?"
)


@dataclass(frozen=True)
class DecisionRow:
    """What is stored of one decision."""

    id: int
    conversation_id: int
    at: datetime
    trigger: str
    outcome: str
    agent_id: int | None
    previous_agent_id: int | None
    group_id: int
    queued_at: datetime | None = None
    by_user_id: int | None = None
    note: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def purge_decisions(conn: Connection, shop_id: int, before_id: int, limit: int) -> int:
    """Delete the oldest decisions below an id; return how many."""
    return raw_count(conn, _PURGE, (shop_id, before_id, limit))


def store_decision(conn: Connection, shop_id: int, row: DecisionRow) -> None:
    """Append a decision."""
    queued_ms = None if row.queued_at is None else to_ms(row.queued_at)
    values = (
        row.id, shop_id, row.conversation_id, to_ms(row.at), row.trigger, row.outcome, row.agent_id,
        row.previous_agent_id, row.group_id, queued_ms, row.by_user_id, row.note,
        msgspec.json.encode(row.detail).decode(),
    )  # fmt: skip
    raw_count(conn, _DECIDE, values)


def list_decisions(conn: Connection, shop_id: int, conversation_id: int, limit: int) -> list[DecisionRow]:
    """Return a conversation's decisions, newest first."""
    d = decisions
    query = (
        select(*[c for c in d.c if c.name != "shop_id"])
        .where(d.c.shop_id == shop_id, d.c.conversation_id == conversation_id)
        .order_by(d.c.id.desc())
        .limit(limit)
    )
    return [DecisionRow(**r._mapping) for r in conn.execute(query)]


def list_departures(conn: Connection, shop_id: int, group_id: int, now: datetime) -> list[Departure]:
    """Return who left a group's queue for an agent lately."""
    since = to_ms(now - LOOK_BACK)
    rows = raw_rows(conn, _DEPARTURES, (shop_id, group_id, since, MAX_SAMPLES + 1))
    return [Departure(from_ms(r[0]), from_ms(r[1])) for r in rows]


@lru_cache(maxsize=256)
def _parsed(value: str) -> Rules:
    return rules_of(msgspec.json.decode(value))


def get_rules(conn: Connection, shop_id: int) -> tuple[int, Rules]:
    """Return the rules that hold and their version; version 0 is the defaults."""
    found = raw_rows(conn, _RULES, (shop_id,))
    return (int(found[0][0]), _parsed(found[0][1])) if found else (0, _parsed("{}"))


def list_rules(conn: Connection, shop_id: int) -> list[tuple[int, Rules, datetime, int | None, str]]:
    """Return every version of the rules with time, author and reason, newest first."""
    s = settings
    query = select(s).where(s.c.shop_id == shop_id).order_by(s.c.version.desc())
    return [
        (r.version, rules_of(r.value), r.effective_at, r.author_id, r.reason) for r in conn.execute(query)
    ]


def end_span(conn: Connection, shop_id: int, user_id: int, now: datetime) -> None:
    """End the state that lasts."""
    conn.execute(
        update(spans)
        .where(spans.c.shop_id == shop_id, spans.c.user_id == user_id, spans.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def begin_span(conn: Connection, span_id: int, shop_id: int, user_id: int, span: Span) -> None:
    """Begin a state."""
    conn.execute(
        insert(spans).values(
            id=span_id, shop_id=shop_id, user_id=user_id, state=span.state, started_at=span.started_at,
            reason=span.reason, by_user_id=span.by_user_id,
        )
    )  # fmt: skip


def list_spans(
    conn: Connection, shop_id: int, user_id: int | None, since: datetime, until: datetime
) -> list[tuple[int, Span]]:
    """Return (person, span) for everything that touches [since, until), oldest first."""
    s = spans
    query = select(s).where(
        s.c.shop_id == shop_id, s.c.started_at < until, (s.c.ended_at.is_(None)) | (s.c.ended_at > since)
    )
    if user_id is not None:
        query = query.where(s.c.user_id == user_id)
    return [
        (r.user_id, Span(r.state, r.started_at, r.ended_at, r.reason, r.by_user_id))
        for r in conn.execute(query.order_by(s.c.user_id, s.c.started_at, s.c.id))
    ]


def next_deadline(conn: Connection, name: str) -> datetime | None:
    """Return the earliest deadline of a timer: alive, offline, overflow, retransfer or exclusion."""
    column = {
        "alive": presences.c.alive_until_at, "offline": presences.c.offline_at,
        "overflow": chats.c.overflow_at, "retransfer": chats.c.retransfer_at, "exclusion": exclusions.c.until_at,
    }[name]  # fmt: skip
    found: datetime | None = conn.execute(select(func.min(column)).where(column.is_not(None))).scalar_one()
    return found


def list_due(conn: Connection, name: str, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return (shop, conversation) whose overflow or retransfer is due, the earliest first."""
    column = {"overflow": chats.c.overflow_at, "retransfer": chats.c.retransfer_at}[name]
    query = select(chats.c.shop_id, chats.c.conversation_id).where(column.is_not(None), column <= now)
    return [
        (r.shop_id, r.conversation_id)
        for r in conn.execute(query.order_by(column, chats.c.conversation_id).limit(limit))
    ]


def set_overflow(
    conn: Connection, shop_id: int, conversation_id: int, step: int, due: datetime | None
) -> None:
    """Note how far a chat has overflowed, and when it does again."""
    raw_count(conn, _SET_OVERFLOW, (step, None if due is None else to_ms(due), shop_id, conversation_id))


def merge_buyers(conn: Connection, shop_id: int, kept_id: int, merged_id: int) -> None:
    """Give the kept buyer the chats of the merged one, and whoever served either of them last.

    The merged buyer's own row stays: when the merge is undone, it is right again.
    """
    raw_count(conn, _MERGE_CHATS, (kept_id, shop_id, merged_id))
    raw_count(conn, _MERGE_SERVED, (kept_id, shop_id, merged_id))
