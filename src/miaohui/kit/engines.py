"""What each engine must look like before we write to it: unsafe settings are refused, not warned about.

Source: stack.md §2 (WAL-reset bug, one writer), reliability.md §1.3.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from miaohui.kit.line import use_lines

try:
    from pysqlite3 import dbapi2 as sqlite_module
except ImportError:  # not on this platform: the standard library's, checked below
    import sqlite3 as sqlite_module

__all__ = [
    "PATIENCE",
    "OutcomeUnknown",
    "UnsafeDatabase",
    "cannot_write",
    "check_postgres",
    "check_sqlite_version",
    "has_committed",
    "is_open",
    "postgres_engines",
    "prepare_reader",
    "prepare_writer",
    "sqlite_module",
    "transaction_number",
]
# How long a PostgreSQL server that does not answer is waited for, unless the URL says otherwise. Units: seconds,
# the last one milliseconds.
PATIENCE: dict[str, Any] = {
    "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}  # fmt: skip
ASK_FOR_S = 10.0
_STATUS = "SELECT pg_xact_status(%s::text::xid8)"
# A backend shows the lower 32 bits of its transaction's number.
_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid::text::bigint = %s::text::bigint %% 4294967296"
)
# NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: the primary result codes of sqlite.org/rescode.html
_SICK_SQLITE = frozenset({7, 8, 10, 11, 13, 14, 26})


class UnsafeDatabase(Exception):
    """The database would lose or corrupt acknowledged data with these settings."""


class OutcomeUnknown(Exception):
    """The connection was lost while committing, and the server could not be asked since."""


def check_sqlite_version() -> None:
    """Raises: UnsafeDatabase for a library that corrupts data (3.7.0–3.51.2)."""
    version = tuple(int(part) for part in sqlite_module.sqlite_version.split("."))
    if (3, 7, 0) <= version <= (3, 51, 2):
        raise UnsafeDatabase(
            f"SQLite {sqlite_module.sqlite_version} has the WAL-reset bug that corrupts data. "
            "Install the package pysqlite3 >= 0.6.1 (SQLite 3.53), or set MIAOHUI_ALLOW_UNSAFE=1."
        )


def prepare_writer(dbapi: Any, synchronous: str, *, on_disk: bool, allow_unsafe: bool) -> None:
    """Set up the one writing connection. `synchronous`: FULL or NORMAL. Raises: UnsafeDatabase."""
    if on_disk and not allow_unsafe:
        check_sqlite_version()
    cursor = dbapi.cursor()
    if on_disk:
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal" and not allow_unsafe:
            raise UnsafeDatabase(
                f"The journal mode is {mode}, not WAL: is the folder on a network file system?"
            )
        cursor.execute(f"PRAGMA synchronous={synchronous}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute("PRAGMA cache_size=-32000")
    # 64 MB between checkpoints: pages that every batch touches are copied once instead of four times, and the
    # lane, which does it, stalls for it a quarter as often (decision 11).
    cursor.execute("PRAGMA wal_autocheckpoint=16000")
    cursor.execute("PRAGMA journal_size_limit=67108864")
    cursor.close()


def prepare_reader(dbapi: Any) -> None:
    """Set up a reading connection: it cannot write."""
    cursor = dbapi.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.execute("PRAGMA cache_size=-4000")
    cursor.execute("PRAGMA mmap_size=268435456")
    cursor.close()


def postgres_engines(url: URL, *, allow_unsafe: bool) -> tuple[Engine, Engine]:
    """Return the engines that write and that read."""
    options: dict[str, Any] = {
        "url": url.set(drivername="postgresql+psycopg"), "pool_pre_ping": True,
        "connect_args": {name: value for name, value in PATIENCE.items() if name not in url.query},
    }  # fmt: skip
    writing = create_engine(**options, pool_size=4)
    use_lines(writing)
    event.listen(writing, "connect", lambda dbapi, _: check_postgres(dbapi, allow_unsafe=allow_unsafe))
    reading = create_engine(**options, pool_size=8, isolation_level="AUTOCOMMIT")
    use_lines(reading)
    event.listen(reading, "connect", lambda dbapi, _: _make_read_only(dbapi))
    return writing, reading


def _make_read_only(dbapi: Any) -> None:
    with dbapi.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    dbapi.commit()


def check_postgres(dbapi: Any, *, allow_unsafe: bool) -> None:
    """Raises: UnsafeDatabase when the server would lose what it acknowledged."""
    with dbapi.cursor() as cursor:
        for name in ("synchronous_commit", "fsync", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] == "off" and not allow_unsafe:
                raise UnsafeDatabase(
                    f"PostgreSQL runs with {name}=off and would lose acknowledged messages. "
                    f"Set {name}=on, or MIAOHUI_ALLOW_UNSAFE=1 if the data may be lost."
                )
    dbapi.commit()


def transaction_number(conn: Connection) -> str | None:
    """Return PostgreSQL's number of the running transaction, None while it has written nothing."""
    found = conn.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()::text").scalar()
    return None if found is None else str(found)


def has_committed(engine: Engine, number: str) -> bool:
    """Tell what became of a transaction whose connection was lost while it committed.

    A server that has not noticed is told: its end of the connection is cut. Waits for a server that restarts.
    Raises: OutcomeUnknown after ten seconds.
    """
    ends = time.monotonic() + ASK_FOR_S
    while time.monotonic() < ends:
        try:
            with engine.connect() as conn:
                state = conn.exec_driver_sql(_STATUS, (number,)).scalar()
                if state == "in progress":
                    conn.exec_driver_sql(_CUT, (number,))
        except DBAPIError:
            state = None
        if state in ("committed", "aborted"):
            return bool(state == "committed")
        time.sleep(0.1)
    raise OutcomeUnknown(number)


def cannot_write(error: DBAPIError) -> bool:
    """Tell whether the database as a whole cannot write now: no room, no memory, a failing or read-only disk.

    Such a failure is nobody's own: SQLite may have undone the whole transaction with it, not one statement.
    """
    state = str(getattr(error.orig, "sqlstate", None) or "")
    number = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return number in _SICK_SQLITE or state == "25006" or state[:2] in ("53", "58")


def is_open(conn: Connection) -> bool:
    """Tell whether a transaction that was begun still is: a lost connection or a full disk has undone it."""
    if conn.invalidated:
        return False
    return conn.dialect.name != "sqlite" or bool(conn.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]
