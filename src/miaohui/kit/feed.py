"""The live feed: one table, a monotonic id, replay since an id. The bus only rings a bell (house §5).

On PostgreSQL an identity id is given before the commit, so a reader that asks `id > cursor` would lose a
row of a transaction that commits late (stack.md §2, feed ordering trap). Rows are buffered until the end
of their transaction and written under an advisory lock that is released after the commit: ids are in
commit order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.engine import Connection

from miaohui.kit.bulk import BulkInsert
from miaohui.kit.db import Id, Sql, metadata, raw_count, raw_rows

feed_table = Table(
    "kit_feed",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shop_id", Id, nullable=False),
    Column("topics", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
INSERT = BulkInsert("INSERT INTO kit_feed (shop_id, topics, name, data, at_ms)", "(?, ?, ?, ?, ?)")
_READ = Sql("SELECT id, shop_id, topics, name, data, at_ms FROM kit_feed WHERE id > ? ORDER BY id LIMIT ?")
_FENCE = Sql("SELECT pg_advisory_xact_lock(7305)")
_LAST = Sql("SELECT last_insert_rowid()")
_EDGES = Sql("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM kit_feed")
# Old events have small ids: only the oldest are looked at, there is no index on the time.
_PURGE = Sql(
    "DELETE FROM kit_feed WHERE id < (SELECT max(id) FROM kit_feed) AND id IN (SELECT id FROM"
    " (SELECT id, at_ms FROM kit_feed ORDER BY id LIMIT ?) AS oldest WHERE at_ms < ?)"
)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event of the feed. `data` is JSON text; `at_ms` milliseconds since 1970."""

    id: int
    shop_id: int
    topics: frozenset[str]
    name: str
    data: str
    at_ms: int

    def frame(self) -> bytes:
        """Return the JSON frame that sockets and event streams send."""
        head = f'{{"type":"event","id":{self.id},"shop_id":{self.shop_id},"name":"{self.name}"'
        return f'{head},"at_ms":{self.at_ms},"data":{self.data}}}'.encode()


def row(
    shop_id: int, topics: Sequence[str], name: str, data: Mapping[str, Any], at_ms: int
) -> tuple[Any, ...]:
    """Return the parameters of one INSERT. Datetimes become ISO 8601 text."""
    return shop_id, " ".join(topics), name, msgspec.json.encode(data, enc_hook=_encoded).decode(), at_ms


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "value"):
        return value.value
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def read(conn: Connection, since_id: int, limit: int = 500) -> list[FeedEvent]:
    """Return the next events after `since_id`, oldest first. Never skips an event that commits late."""
    return [
        FeedEvent(r[0], r[1], frozenset(r[2].split(" ")), r[3], r[4], r[5])
        for r in raw_rows(conn, _READ, (since_id, limit))
    ]


def edges(conn: Connection) -> tuple[int, int]:
    """Return the oldest and the newest id that is still kept; (0, 0) when empty."""
    first, last = raw_rows(conn, _EDGES)[0]
    return int(first), int(last)


def write(conn: Connection, rows: list[tuple[Any, ...]]) -> list[FeedEvent]:
    """Write buffered rows; to be called once, just before the commit. Return them as events where their ids are
    known: on SQLite, where one writer gives them in one row."""
    if conn.dialect.name != "sqlite":
        raw_rows(conn, _FENCE)
        INSERT.write(conn, rows)
        return []
    INSERT.write(conn, rows)
    first = int(raw_rows(conn, _LAST)[0][0]) - len(rows) + 1
    return [FeedEvent(first + n, r[0], frozenset(r[1].split(" ")), *r[2:]) for n, r in enumerate(rows)]


def purge(conn: Connection, before_ms: int, limit: int) -> int:
    """Delete the oldest events before `before_ms`, at most `limit`, always keeping the newest; return how many."""
    return raw_count(conn, _PURGE, (limit, before_ms))
