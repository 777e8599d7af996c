"""Deleting so that nothing is left: freed bytes overwritten, the log emptied, the file rewritten (R20).

A deleted row's bytes stay in a SQLite file until something else needs their place, and in the write-ahead log
until it comes round again. Who erases a person's data works inside `overwriting`, and the file is compacted after.
PostgreSQL keeps dead rows until its own vacuum, which `compact` asks for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from sqlalchemy.engine import Connection

from miaohui.kit.db import Database, Sql, raw_count, raw_rows

FEED_PIECE = 2_000
_FEED_ENDS = Sql("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM kit_feed WHERE shop_id = ?")


@contextlib.contextmanager
def overwriting(conn: Connection) -> Iterator[None]:
    """Overwrite with zeros whatever is freed meanwhile, on the one writing connection (SQLite)."""
    if conn.dialect.name != "sqlite":
        yield
        return
    conn.exec_driver_sql("PRAGMA secure_delete=ON").close()
    try:
        yield
    finally:
        conn.exec_driver_sql("PRAGMA secure_delete=OFF").close()


def feed_ends(conn: Connection, shop_id: int) -> tuple[int, int]:
    """Return the oldest and the newest id of a shop's events; (0, 0) when it has none."""
    first, last = raw_rows(conn, _FEED_ENDS, (shop_id,))[0]
    return int(first), int(last)


def blank_feed(conn: Connection, shop_id: int, after_id: int, marks: Sequence[str]) -> int:
    """Blank the events among the next 2,000 ids that hold one of these marks (ids as text); return how many.

    The rows stay: a reader that resumes counts on the ids.
    """
    is_hit = " OR ".join("data LIKE ? OR topics LIKE ?" for _ in marks)
    sql = Sql(
        "UPDATE kit_feed SET name = 'kit.erased', data = '{}'"
        f" WHERE shop_id = ? AND id > ? AND id <= ? AND name <> 'kit.erased' AND ({is_hit})"
    )
    patterns = [f"%{mark}%" for mark in marks for _ in range(2)]
    return raw_count(conn, sql, (shop_id, after_id, after_id + FEED_PIECE, *patterns))


def compact(db: Database) -> bool:
    """Rewrite the database without freed space and empty its log; False when somebody still reads old pages.

    Slow in proportion to the database, and writers wait meanwhile: for the night, or for a stopped server.
    """
    with db.write_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if conn.dialect.name != "sqlite":
            conn.exec_driver_sql("VACUUM")
            return True
        raw = conn.connection.dbapi_connection
        assert raw is not None
        raw.execute("VACUUM")
        return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


def empty_log(db: Database) -> bool:
    """Write the log back into the file and cut it to nothing (SQLite); False when a reader is in the way."""
    if not db.is_sqlite or db.path is None:
        return True
    raw = db.write_engine.raw_connection()
    try:
        return bool(raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
    finally:
        raw.close()
