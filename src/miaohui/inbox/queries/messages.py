"""Reads of messages: a page of a conversation, one message with everything that happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from miaohui.inbox.store.messages import (
    FIND_BY_CLIENT,
    HASHED,
    attempts,
    conflicts,
    edits,
    messages,
    recalls,
    row_hash_of,
)
from miaohui.kit.clock import from_ms
from miaohui.kit.db import Sql, raw_rows
from miaohui.kit.errors import NOT_FOUND

COLUMNS = (
    "id, shop_id, conversation_id, account_id, message_key, role, kind, text, parts, refs, origin, occurred_ms,"
    " seq_hint, received_ms, agent_id, client_id, state, state_reason, edited_ms, recalled_ms"
)
_BEFORE = Sql(
    f"SELECT {COLUMNS} FROM inbox_messages WHERE shop_id = ? AND conversation_id = ?"
    " AND (occurred_ms, seq_hint, id) < (?, ?, ?) ORDER BY occurred_ms DESC, seq_hint DESC, id DESC LIMIT ?"
)
_AFTER = Sql(
    f"SELECT {COLUMNS} FROM inbox_messages WHERE shop_id = ? AND conversation_id = ?"
    " AND (occurred_ms, seq_hint, id) > (?, ?, ?) ORDER BY occurred_ms, seq_hint, id LIMIT ?"
)
_ONE = Sql(f"SELECT {COLUMNS} FROM inbox_messages WHERE id = ? AND shop_id = ?")
_END = (9_007_199_254_740_991,) * 3


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is now. `occurred_at`, `seq_hint`, `id` give the platform's order, `received_at` and
    `id` the order of arrival. `is_cut` only appears in the live feed."""

    id: int
    shop_id: int
    conversation_id: int
    account_id: int
    message_key: str | None
    role: str
    kind: str
    text: str
    parts: list[dict[str, Any]]
    refs: dict[str, Any]
    origin: str
    occurred_at: datetime
    seq_hint: int
    received_at: datetime
    agent_id: int | None
    client_id: str | None
    state: str
    state_reason: str | None
    edited_at: datetime | None
    recalled_at: datetime | None

    @property
    def order_key(self) -> tuple[int, int, int]:
        """The place in the platform's order, as a cursor."""
        return int(self.occurred_at.timestamp() * 1000 + 0.5), self.seq_hint, self.id


def _message(row: Any) -> Message:
    values: list[Any] = [
        *row[:8], msgspec.json.decode(row[8]), msgspec.json.decode(row[9]), row[10], from_ms(row[11]),
        row[12], from_ms(row[13]), *row[14:18], None if row[18] is None else from_ms(row[18]),
        None if row[19] is None else from_ms(row[19]),
    ]  # fmt: skip
    return Message(*values)


def get_message(conn: Connection, shop_id: int, message_id: int) -> Message:
    """Return a message. Raises: Refusal kit.not_found."""
    found = raw_rows(conn, _ONE, (message_id, shop_id))
    return _message(found[0]) if found else NOT_FOUND.refuse(message_id=message_id)


def find_by_client(conn: Connection, shop_id: int, conversation_id: int, client_id: str) -> int | None:
    """Return the message that was queued with this client_id, or None."""
    found = raw_rows(conn, FIND_BY_CLIENT, (shop_id, conversation_id, client_id))
    return int(found[0][0]) if found else None


def list_messages(
    conn: Connection, shop_id: int, conversation_id: int, limit: int = 50,
    before: tuple[int, int, int] | None = None,
) -> list[Message]:  # fmt: skip
    """Return the newest messages before a place in the platform's order, oldest first."""
    rows = raw_rows(conn, _BEFORE, (shop_id, conversation_id, *(before or _END), limit))
    return [_message(row) for row in reversed(rows)]


def list_messages_after(
    conn: Connection, shop_id: int, conversation_id: int, after: tuple[int, int, int], limit: int = 50
) -> list[Message]:
    """Return the messages after a place in the platform's order, oldest first."""
    return [_message(row) for row in raw_rows(conn, _AFTER, (shop_id, conversation_id, *after, limit))]


def list_around(
    conn: Connection, shop_id: int, conversation_id: int, message_id: int, limit: int = 50
) -> list[Message]:
    """Return the messages around one of them (a search hit), oldest first. Raises: kit.not_found."""
    middle = get_message(conn, shop_id, message_id)
    if middle.conversation_id != conversation_id:
        NOT_FOUND.refuse(message_id=message_id)
    half = max(1, limit // 2)
    older = list_messages(conn, shop_id, conversation_id, half, middle.order_key)
    return [*older, middle, *list_messages_after(conn, shop_id, conversation_id, middle.order_key, half)]


def get_history(conn: Connection, shop_id: int, message_id: int) -> dict[str, Any]:
    """Return what happened to one message: edits, recall, conflicts, attempts to send it."""
    found: dict[str, Any] = {}
    for name, table in (
        ("edits", edits),
        ("recalls", recalls),
        ("conflicts", conflicts),
        ("attempts", attempts),
    ):
        rows = conn.execute(
            select(table)
            .where(table.c.shop_id == shop_id, table.c.message_id == message_id)
            .order_by(table.c.id)
        )
        found[name] = [dict(row._mapping) for row in rows]
    return found


def conflict_counts(conn: Connection, shop_id: int, message_ids: Iterable[int]) -> dict[int, int]:
    """Return how many other contents came under the same id, for the messages that have any."""
    ids = list(message_ids)
    if not ids:
        return {}
    rows = conn.execute(
        select(conflicts.c.message_id).where(conflicts.c.shop_id == shop_id, conflicts.c.message_id.in_(ids))
    )
    counts: dict[int, int] = {}
    for (message_id,) in rows:
        counts[message_id] = counts.get(message_id, 0) + 1
    return counts


# ---- scrub: flipped bits are found by the row hash (reliability.md §1.9, F4)

_IDS = Sql("SELECT id FROM inbox_messages WHERE id > ? ORDER BY id LIMIT ?")
_SCRUB = Sql(f"SELECT row_hash, {HASHED} FROM inbox_messages WHERE id > ? ORDER BY id LIMIT ?")


@dataclass(frozen=True)
class Scrub:
    """The result of checking some rows. `last_id` is where to go on; None when all were checked."""

    checked_count: int
    broken_ids: tuple[int, ...]
    last_id: int | None


def scrub_messages(conn: Connection, after_id: int = 0, limit: int = 2_000) -> Scrub:
    """Check the row hashes of the next messages of all shops (an installation's own check)."""
    try:
        rows = raw_rows(conn, _SCRUB, (after_id, limit))
    except DBAPIError:  # a text that is none any more: the driver gives up at the first of them
        return _scrub_one_by_one(conn, after_id, limit)
    broken = tuple(row[1] for row in rows if row[0] != row_hash_of(*row[1:]))
    return Scrub(len(rows), broken, rows[-1][1] if len(rows) == limit else None)


def _scrub_one_by_one(conn: Connection, after_id: int, limit: int) -> Scrub:
    """Check rows of which some cannot even be read. Raises: DBAPIError when the table itself is damaged."""
    ids = [int(row[0]) for row in raw_rows(conn, _IDS, (after_id, limit))]
    broken = []
    for message_id in ids:
        try:
            row = raw_rows(conn, _SCRUB, (message_id - 1, 1))[0]
            is_sound = row[0] == row_hash_of(*row[1:])
        except DBAPIError:
            is_sound = False
        if not is_sound:
            broken.append(message_id)
    return Scrub(len(ids), tuple(broken), ids[-1] if len(ids) == limit else None)


def count_messages(conn: Connection, shop_id: int) -> int:
    """Return how many messages a shop has."""
    return int(raw_rows(conn, Sql("SELECT count(*) FROM inbox_messages WHERE shop_id = ?"), (shop_id,))[0][0])


def list_queued(conn: Connection, older_than_ms: int, limit: int = 100) -> list[tuple[int, int, int, str]]:
    """Return (shop, conversation, message, state) of sends that hang since `older_than_ms`, oldest first."""
    rows = conn.execute(
        select(messages.c.shop_id, messages.c.conversation_id, messages.c.id, messages.c.state)
        .where(messages.c.state.in_(("queued", "sending")), messages.c.received_ms < older_than_ms)
        .order_by(messages.c.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
