"""What each engine must look like before we write to it: unsafe settings are refused, not warned about.

Source: stack.md §2 (WAL-reset bug, one writer), reliability.md §1.3.
"""

from __future__ import annotations

from typing import Any

try:
    from pysqlite3 import dbapi2 as sqlite_module
except ImportError:  # not on this platform: the standard library's, checked below
    import sqlite3 as sqlite_module

__all__ = [
    "UnsafeDatabase",
    "check_postgres",
    "check_sqlite_version",
    "prepare_reader",
    "prepare_writer",
    "sqlite_module",
]


class UnsafeDatabase(Exception):
    """The database would lose or corrupt acknowledged data with these settings."""


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
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.execute("PRAGMA journal_size_limit=67108864")
    cursor.close()


def prepare_reader(dbapi: Any) -> None:
    """Set up a reading connection: it cannot write."""
    cursor = dbapi.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.execute("PRAGMA cache_size=-4000")
    cursor.execute("PRAGMA mmap_size=268435456")
    cursor.close()


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
