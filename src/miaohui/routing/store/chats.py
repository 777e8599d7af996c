"""Hot statements on `routing_chats` and its lanes. Times are milliseconds here (see `kit.db.Sql`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Sql, raw_count, raw_rows
from miaohui.routing.model import OFFLINE_MESSAGE, QUEUED

_COLUMNS = (
    "conversation_id, buyer_id, entry, state, group_id, agent_id, need, opened_at, queued_at, rank_at, boosts,"
    " overflow_at, overflow_step, placed_at, awaiting_since_at, first_answer_at, retransfer_at, moves, version"
)
_INSERT = Sql(
    f"INSERT INTO routing_chats (shop_id, {_COLUMNS}) VALUES"
    " (?, ?, ?, ?, 'opening', ?, NULL, ?, ?, NULL, NULL, ?, NULL, 0, NULL, ?, NULL, NULL, 0, 1)"
    " ON CONFLICT DO NOTHING"
)
_READ = Sql(f"SELECT {_COLUMNS} FROM routing_chats WHERE shop_id = ? AND conversation_id = ?")
_DELETE = Sql("DELETE FROM routing_chats WHERE shop_id = ? AND conversation_id = ? RETURNING agent_id, state")
_TAKE = Sql(
    "UPDATE routing_chats SET state = 'placed', agent_id = ?, group_id = ?, queued_at = NULL, rank_at = NULL,"
    " overflow_at = NULL, placed_at = ?, first_answer_at = NULL, retransfer_at = ?, moves = ?,"
    " version = version + 1 WHERE shop_id = ? AND conversation_id = ? AND version = ?"
)
_WAIT = Sql(
    "UPDATE routing_chats SET state = ?, agent_id = NULL, group_id = ?, queued_at = ?, rank_at = ?,"
    " overflow_at = ?, overflow_step = 0, placed_at = NULL, first_answer_at = NULL, retransfer_at = NULL,"
    " moves = ?, version = version + 1 WHERE shop_id = ? AND conversation_id = ? AND version = ?"
)
_BUYER_WROTE = Sql(
    "UPDATE routing_chats SET awaiting_since_at = ? WHERE shop_id = ? AND conversation_id = ?"
    " AND awaiting_since_at IS NULL RETURNING state, agent_id, first_answer_at"
)
_SET_RETRANSFER = Sql("UPDATE routing_chats SET retransfer_at = ? WHERE shop_id = ? AND conversation_id = ?")
_SET_BOOSTS = Sql("UPDATE routing_chats SET boosts = ? WHERE shop_id = ? AND conversation_id = ?")
_ANSWERED = Sql(
    "UPDATE routing_chats SET awaiting_since_at = NULL, retransfer_at = NULL,"
    " first_answer_at = coalesce(first_answer_at, ?) WHERE shop_id = ? AND conversation_id = ?"
    " AND (awaiting_since_at IS NOT NULL OR first_answer_at IS NULL) RETURNING state, agent_id, buyer_id"
)
_LOADS = Sql(
    "SELECT agent_id, count(*), count(awaiting_since_at) FROM routing_chats"
    " WHERE shop_id = ? AND agent_id IS NOT NULL GROUP BY agent_id"
)
_IDS_OF_AGENT = Sql(
    "SELECT conversation_id FROM routing_chats WHERE shop_id = ? AND agent_id = ? ORDER BY conversation_id"
)
_HELD = Sql(
    "SELECT conversation_id FROM routing_chats WHERE shop_id = ? AND agent_id IS NOT NULL ORDER BY agent_id"
)
_WAITING_OF = Sql(
    "SELECT conversation_id FROM routing_chats WHERE shop_id = ? AND state IN ('queued', 'offline_message')"
    " AND group_id = ? AND agent_id IS NULL ORDER BY rank_at, conversation_id"
)
_UNANSWERED_OF = Sql(
    "SELECT conversation_id FROM routing_chats WHERE shop_id = ? AND agent_id = ?"
    " AND awaiting_since_at IS NOT NULL ORDER BY awaiting_since_at, conversation_id"
)
_ANY_WAITING = Sql("SELECT 1 FROM routing_lanes WHERE shop_id = ? AND state = ? LIMIT 1")
_GATE = Sql("SELECT pg_advisory_xact_lock(7306, mod(?::bigint, 2147483647)::int)")


@dataclass(slots=True)
class ChatRow:
    """One open conversation as routing sees it. Times are aware UTC."""

    conversation_id: int
    buyer_id: int
    entry: str
    state: str
    group_id: int
    agent_id: int | None
    need: str
    opened_at: datetime
    queued_at: datetime | None
    rank_at: datetime | None
    boosts: dict[str, int]
    overflow_at: datetime | None
    overflow_step: int
    placed_at: datetime | None
    awaiting_since_at: datetime | None
    first_answer_at: datetime | None
    retransfer_at: datetime | None
    moves: int
    version: int

    @property
    def is_waiting(self) -> bool:
        return self.state in (QUEUED, OFFLINE_MESSAGE)


def _at(value: int | None) -> datetime | None:
    return None if value is None else from_ms(value)


def _ms(value: datetime | None) -> int | None:
    return None if value is None else to_ms(value)


def boosts_of(value: str) -> dict[str, int]:
    """Return the head starts that a row holds."""
    found: dict[str, int] = msgspec.json.decode(value)
    return found


def _row(r: Any) -> ChatRow:
    return ChatRow(
        r[0], r[1], r[2], r[3], r[4], r[5], r[6], from_ms(r[7]), _at(r[8]), _at(r[9]),
        boosts_of(r[10]), _at(r[11]), r[12], _at(r[13]), _at(r[14]), _at(r[15]), _at(r[16]),
        r[17], r[18],
    )  # fmt: skip


def gate(conn: Connection, shop_id: int) -> None:
    """Let one transaction at a time dispatch in this shop (PostgreSQL; SQLite has one writer anyway)."""
    if conn.dialect.name != "sqlite":
        raw_rows(conn, _GATE, (shop_id,))


def insert(conn: Connection, shop_id: int, chat: ChatRow) -> bool:
    """Store a conversation that is about to be placed; False when it is there already."""
    boosts = msgspec.json.encode(chat.boosts).decode()
    values = (
        shop_id, chat.conversation_id, chat.buyer_id, chat.entry, chat.group_id, chat.need,
        to_ms(chat.opened_at), boosts, _ms(chat.awaiting_since_at),
    )  # fmt: skip
    return raw_count(conn, _INSERT, values) == 1


def find(conn: Connection, shop_id: int, conversation_id: int) -> ChatRow | None:
    """Return the row, or None when the conversation is closed or unknown."""
    found = raw_rows(conn, _READ, (shop_id, conversation_id))
    return _row(found[0]) if found else None


def delete(conn: Connection, shop_id: int, conversation_id: int) -> tuple[int | None, str] | None:
    """Forget a closed conversation; return whose it was and its state."""
    found = raw_rows(conn, _DELETE, (shop_id, conversation_id))
    return (found[0][0], found[0][1]) if found else None


def take(conn: Connection, shop_id: int, chat: ChatRow, now: datetime) -> bool:
    """Write the new owner (`chat.agent_id`, `group_id`, `retransfer_at`, `moves`) if nobody was faster."""
    values = (
        chat.agent_id, chat.group_id, to_ms(now), _ms(chat.retransfer_at), chat.moves,
        shop_id, chat.conversation_id, chat.version,
    )  # fmt: skip
    return raw_count(conn, _TAKE, values) == 1


def wait(conn: Connection, shop_id: int, chat: ChatRow) -> bool:
    """Write the new place in the queue (`state`, `group_id`, `queued_at` …) if nobody was faster."""
    values = (
        chat.state, chat.group_id, _ms(chat.queued_at), _ms(chat.rank_at), _ms(chat.overflow_at), chat.moves,
        shop_id, chat.conversation_id, chat.version,
    )  # fmt: skip
    return raw_count(conn, _WAIT, values) == 1


def buyer_wrote(
    conn: Connection, shop_id: int, conversation_id: int, at: datetime
) -> tuple[str, int | None, bool] | None:
    """Note the first unanswered message; return state, agent and whether they ever answered, or None."""
    found = raw_rows(conn, _BUYER_WROTE, (to_ms(at), shop_id, conversation_id))
    return (found[0][0], found[0][1], found[0][2] is not None) if found else None


def set_retransfer(conn: Connection, shop_id: int, conversation_id: int, at: datetime | None) -> None:
    """Set when an unanswered chat moves on."""
    raw_count(conn, _SET_RETRANSFER, (_ms(at), shop_id, conversation_id))


def set_boosts(conn: Connection, shop_id: int, conversation_id: int, boosts: str) -> None:
    """Keep boosts for the next time the chat waits."""
    raw_count(conn, _SET_BOOSTS, (boosts, shop_id, conversation_id))


def answered(
    conn: Connection, shop_id: int, conversation_id: int, at: datetime
) -> tuple[str, int | None, int] | None:
    """Note an answer; return state, agent and buyer when it changed anything."""
    found = raw_rows(conn, _ANSWERED, (to_ms(at), shop_id, conversation_id))
    return (found[0][0], found[0][1], found[0][2]) if found else None


def loads(conn: Connection, shop_id: int) -> dict[int, tuple[int, int]]:
    """Return agent → (chats, unanswered chats), exact: counted over an index."""
    return {r[0]: (r[1], r[2]) for r in raw_rows(conn, _LOADS, (shop_id,))}


def ids_of_agent(conn: Connection, shop_id: int, user_id: int) -> list[int]:
    """Return the conversations an agent has."""
    return [r[0] for r in raw_rows(conn, _IDS_OF_AGENT, (shop_id, user_id))]


def held_ids(conn: Connection, shop_id: int) -> list[int]:
    """Return the conversations that somebody has, agent by agent."""
    return [r[0] for r in raw_rows(conn, _HELD, (shop_id,))]


def waiting_ids_of(conn: Connection, shop_id: int, group_id: int) -> list[int]:
    """Return the conversations that wait for a group, the next one first."""
    return [r[0] for r in raw_rows(conn, _WAITING_OF, (shop_id, group_id))]


def unanswered_ids_of(conn: Connection, shop_id: int, user_id: int) -> list[int]:
    """Return an agent's conversations that wait for an answer, the longest first."""
    return [r[0] for r in raw_rows(conn, _UNANSWERED_OF, (shop_id, user_id))]


def any_waiting(conn: Connection, shop_id: int, state: str = QUEUED) -> bool:
    """Tell whether anything waits: one look at an index."""
    return bool(raw_rows(conn, _ANY_WAITING, (shop_id, state)))
