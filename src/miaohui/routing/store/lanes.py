"""Hot statements on `routing_lanes`: the heads of the queues, by group and need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from miaohui.kit.clock import to_ms
from miaohui.kit.db import Sql, raw_count, raw_many, raw_rows
from miaohui.routing.model import QUEUED
from miaohui.routing.store.chats import ChatRow

_INSERT = Sql(
    "INSERT INTO routing_lanes (shop_id, conversation_id, group_id, state, need, rank_at, position)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_CLEAR = Sql("DELETE FROM routing_lanes WHERE shop_id = ? AND conversation_id = ?")
_GROUPS = Sql(
    "SELECT group_id FROM routing_lanes WHERE shop_id = ? AND conversation_id = ? ORDER BY position, group_id"
)
_NEXT_LANE = Sql(
    "SELECT group_id, need FROM routing_lanes WHERE shop_id = ? AND state = 'queued'"
    " AND (group_id, need) > (?, ?) ORDER BY group_id, need LIMIT 1"
)
_HEADS = Sql(
    "SELECT rank_at, conversation_id FROM routing_lanes WHERE shop_id = ? AND state = 'queued'"
    " AND group_id = ? AND need = ? AND (rank_at, conversation_id) > (?, ?)"
    " ORDER BY rank_at, conversation_id LIMIT ?"
)
_RERANK = Sql("UPDATE routing_lanes SET rank_at = ? WHERE shop_id = ? AND conversation_id = ?")
_RERANK_CHAT = Sql(
    "UPDATE routing_chats SET rank_at = ?, boosts = ? WHERE shop_id = ? AND conversation_id = ?"
)
_MOVE_LANES = Sql("UPDATE routing_lanes SET state = ? WHERE shop_id = ? AND state = ?")
_MOVE_CHATS = Sql(
    "UPDATE routing_chats SET state = ?, overflow_at = ?, version = version + 1"
    " WHERE shop_id = ? AND state = ? AND agent_id IS NULL"
)


def enter(conn: Connection, shop_id: int, chat: ChatRow, group_ids: Sequence[int]) -> None:
    """Put a waiting chat into the lanes of these groups, behind those it is in already."""
    if chat.rank_at is None:
        raise ValueError(f"conversation {chat.conversation_id} has no place in the queue")
    rank_ms = to_ms(chat.rank_at)
    raw_many(conn, _INSERT, [
        (shop_id, chat.conversation_id, group_id, chat.state, chat.need, rank_ms, chat.overflow_step + at)
        for at, group_id in enumerate(group_ids)
    ])  # fmt: skip


def leave(conn: Connection, shop_id: int, conversation_id: int) -> None:
    """Take a chat out of every lane."""
    raw_count(conn, _CLEAR, (shop_id, conversation_id))


def groups_of(conn: Connection, shop_id: int, conversation_id: int) -> tuple[int, ...]:
    """Return the groups that may take the chat, its own first."""
    return tuple(r[0] for r in raw_rows(conn, _GROUPS, (shop_id, conversation_id)))


def list_lanes(conn: Connection, shop_id: int) -> list[tuple[int, str]]:
    """Return every (group, need) in which somebody waits, by hopping over the index lane by lane."""
    found: list[tuple[int, str]] = []
    at: tuple[int, str] = (-1, "")
    while rows := raw_rows(conn, _NEXT_LANE, (shop_id, *at)):
        at = (rows[0][0], rows[0][1])
        found.append(at)
    return found


def heads(
    conn: Connection, shop_id: int, lane: tuple[int, str], after: tuple[int, int], limit: int
) -> list[tuple[int, int]]:
    """Return the next (rank in ms, conversation) of a lane behind `after`."""
    return [(r[0], r[1]) for r in raw_rows(conn, _HEADS, (shop_id, *lane, *after, limit))]


def rerank(conn: Connection, shop_id: int, conversation_id: int, rank: datetime, boosts: str) -> None:
    """Move a waiting chat to another place."""
    raw_count(conn, _RERANK, (to_ms(rank), shop_id, conversation_id))
    raw_count(conn, _RERANK_CHAT, (to_ms(rank), boosts, shop_id, conversation_id))


def move_all(conn: Connection, shop_id: int, before: str, after: str, overflow_at: datetime | None) -> int:
    """Turn the queue into messages (留言) or back; return how many chats."""
    raw_count(conn, _MOVE_LANES, (after, shop_id, before))
    due = to_ms(overflow_at) if overflow_at is not None and after == QUEUED else None
    return raw_count(conn, _MOVE_CHATS, (after, due, shop_id, before))
