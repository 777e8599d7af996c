"""Reads of the queue and of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Sql, raw_rows
from miaohui.routing import store
from miaohui.routing.model import (
    OFFLINE_MESSAGE,
    QUEUED,
    Decision,
    Estimate,
    candidate_zh,
    estimate,
    expanded,
    summary_zh,
)
from miaohui.routing.queries.room import get_names
from miaohui.routing.store.chats import ChatRow

_PAGE = Sql(
    "SELECT conversation_id, group_id, entry, need, queued_at, rank_at, boosts, overflow_at, overflow_step,"
    " position, version FROM (SELECT conversation_id, group_id, entry, need, queued_at, rank_at, boosts,"
    " overflow_at, overflow_step, version, row_number() OVER (PARTITION BY group_id"
    " ORDER BY rank_at, conversation_id) AS position FROM routing_chats"
    " WHERE shop_id = ? AND state = ? AND agent_id IS NULL) AS waiting"
    " WHERE (? = 0 OR group_id = ?) AND (rank_at, conversation_id) > (?, ?)"
    " ORDER BY rank_at, conversation_id LIMIT ?"
)
_AHEAD = Sql(
    "SELECT count(*) FROM routing_chats WHERE shop_id = ? AND state = ? AND group_id = ? AND agent_id IS NULL"
    " AND (rank_at, conversation_id) < (?, ?)"
)
_COUNTS = Sql(
    "SELECT group_id, state, count(*), min(queued_at) FROM routing_chats"
    " WHERE shop_id = ? AND agent_id IS NULL AND state IN ('queued', 'offline_message')"
    " GROUP BY group_id, state"
)


@dataclass(frozen=True)
class Waiting:
    """A chat that waits. `position` is its place in its group's queue, 1 is next."""

    conversation_id: int
    group_id: int
    entry: str
    need: str
    queued_at: datetime
    rank_at: datetime
    boosts: Mapping[str, int]
    overflow_at: datetime | None
    overflow_step: int
    position: int
    version: int


@dataclass(frozen=True)
class QueueCount:
    """How many wait in one group, and since when the first."""

    group_id: int
    state: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True)
class Explained:
    """A stored decision in words. `people_zh`: why each candidate got it or not, the best first."""

    id: int
    at: datetime
    trigger: str
    outcome: str
    agent_id: int | None
    previous_agent_id: int | None
    group_id: int
    queued_at: datetime | None
    by_user_id: int | None
    note: str
    decision: Decision
    explanation_zh: str
    people_zh: tuple[str, ...]


def list_waiting(
    conn: Connection, shop_id: int, state: str = QUEUED, group_id: int = 0, after: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[Waiting]:  # fmt: skip
    """Return what waits (queued, or offline_message for 留言) in order; group 0 is all groups.

    `after` is (rank in ms, conversation) of the last one seen.
    """
    start = after or (-(2**62), -1)
    found = raw_rows(conn, _PAGE, (shop_id, state, group_id, group_id, *start, limit))
    return [
        Waiting(
            r[0], r[1], r[2], r[3], from_ms(r[4]), from_ms(r[5]), store.chats.boosts_of(r[6]),
            None if r[7] is None else from_ms(r[7]), r[8], r[9], r[10],
        )
        for r in found
    ]  # fmt: skip


def count_waiting(conn: Connection, shop_id: int) -> list[QueueCount]:
    """Return how many wait, by group and state."""
    return [QueueCount(r[0], r[1], r[2], from_ms(r[3])) for r in raw_rows(conn, _COUNTS, (shop_id,))]


def find_chat(conn: Connection, shop_id: int, conversation_id: int) -> ChatRow | None:
    """Return what routing knows of an open conversation: owner or place, version; None when closed."""
    return store.chats.find(conn, shop_id, conversation_id)


def list_held(conn: Connection, shop_id: int) -> list[int]:
    """Return every conversation that somebody has."""
    return store.chats.held_ids(conn, shop_id)


def find_place(conn: Connection, shop_id: int, conversation_id: int, now: datetime) -> Estimate | None:
    """Return a conversation's place in its queue and the wait from recent data, None when it does not wait.

    A message (留言) has a place but no estimate: nobody is here.
    """
    chat = store.chats.find(conn, shop_id, conversation_id)
    if chat is None or not chat.is_waiting or chat.rank_at is None:
        return None
    values = (shop_id, chat.state, chat.group_id, to_ms(chat.rank_at), conversation_id)
    position = int(raw_rows(conn, _AHEAD, values)[0][0]) + 1
    if chat.state == OFFLINE_MESSAGE:
        return Estimate(position, 0)
    return estimate_at(conn, shop_id, chat.group_id, position, now)


def estimate_at(conn: Connection, shop_id: int, group_id: int, position: int, now: datetime) -> Estimate:
    """Return the wait at a place of a group's queue, from who left it lately."""
    return estimate(position, store.rows.list_departures(conn, shop_id, group_id, now))


def estimates(conn: Connection, shop_id: int, waiting: list[Waiting], now: datetime) -> dict[int, Estimate]:
    """Return conversation → estimate for a page, reading each group's departures once."""
    departures = {
        group_id: store.rows.list_departures(conn, shop_id, group_id, now)
        for group_id in {chat.group_id for chat in waiting}
    }
    return {chat.conversation_id: estimate(chat.position, departures[chat.group_id]) for chat in waiting}


def list_decisions(conn: Connection, shop_id: int, conversation_id: int, limit: int = 50) -> list[Explained]:
    """Return a conversation's decisions with their reasons in Chinese, newest first."""
    rows = store.rows.list_decisions(conn, shop_id, conversation_id, limit)
    names = get_names(conn, shop_id) if rows else None
    found: list[Explained] = []
    for row in rows:
        decision = expanded(row.agent_id, row.detail)
        facts: dict[str, Any] = {
            name: getattr(row, name)
            for name in ("id", "at", "trigger", "outcome", "agent_id", "previous_agent_id", "group_id",
                         "queued_at", "by_user_id", "note")
        }  # fmt: skip
        assert names is not None
        people = tuple(candidate_zh(c, decision, names) for c in decision.candidates)
        summary = summary_zh(decision, row.trigger, row.outcome, names)
        found.append(Explained(**facts, decision=decision, explanation_zh=summary, people_zh=people))
    return found
