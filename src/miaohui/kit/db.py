"""One SQL database: SQLite by default, PostgreSQL at scale; one schema, one code path.

SQLite runs through a library newer than 3.51.2 (the WAL-reset bug), in WAL mode, with exactly one connection
that writes and checkpoints; readers are read-only. Unsafe settings are refused, not warned about.
Source: stack.md §2, reliability.md §1.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.types import TypeDecorator, TypeEngine

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.engines import (
    has_committed,
    postgres_engines,
    prepare_reader,
    prepare_writer,
    sqlite_module,
    transaction_number,
)

Durability = Literal["full", "normal"]
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")


def id_column() -> Column[int]:
    """Return the primary key column `id`: ours, from `IdSource`, the row id of SQLite."""
    return Column("id", Id, primary_key=True, autoincrement=False)


def partial_index(name: str, condition: str, *columns: str) -> Index:
    """Return an index over the rows that meet `condition`, the same on both engines."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC datetimes, stored as whole milliseconds since 1970 on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_ms(value)


class Json(TypeDecorator[Any]):
    """A JSON value, stored as text on both engines (never queried inside)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self.impl_instance


@dataclass(frozen=True)
class Sql:
    """A hand-written statement for a hot path: `?` placeholders, no SQLAlchemy overhead, both engines.

    Times are bound as milliseconds (`to_ms`). Keep `?` and `%` out of literals.
    """

    text: str

    def on(self, dialect: str) -> str:
        return self.text if dialect == "sqlite" else self.text.replace("?", "%s")


def raw_rows(conn: Connection, sql: Sql, params: Sequence[Any] = ()) -> list[Any]:
    """Run a hot statement on the connection's own cursor and return its rows (plain tuples).

    Raises: sqlalchemy DBAPIError like any other statement, so that a full disk or a lost connection is known.
    """
    cursor = conn.connection.cursor()
    try:
        cursor.execute(sql.on(conn.dialect.name), tuple(params))
        return list(cursor.fetchall()) if cursor.description else []
    except conn.dialect.loaded_dbapi.Error as error:
        raise _told(conn, sql, error) from error
    finally:
        cursor.close()


def raw_count(conn: Connection, sql: Sql, params: Sequence[Any] = ()) -> int:
    """Run a hot statement and return how many rows it touched. Raises: DBAPIError."""
    cursor = conn.connection.cursor()
    try:
        cursor.execute(sql.on(conn.dialect.name), tuple(params))
        return int(cursor.rowcount)
    except conn.dialect.loaded_dbapi.Error as error:
        raise _told(conn, sql, error) from error
    finally:
        cursor.close()


def raw_many(conn: Connection, sql: Sql, rows: Sequence[Sequence[Any]]) -> int:
    """Run a hot statement once for each row of parameters; return how many rows it touched in all.

    Raises: DBAPIError.
    """
    cursor = conn.connection.cursor()
    try:
        cursor.executemany(sql.on(conn.dialect.name), rows)
        return int(cursor.rowcount)
    except conn.dialect.loaded_dbapi.Error as error:
        raise _told(conn, sql, error) from error
    finally:
        cursor.close()


def _told(conn: Connection, sql: Sql, error: Any) -> Exception:
    """Return a driver's error as SQLAlchemy's own, without the parameters: they may hold personal data."""
    driver = conn.dialect.loaded_dbapi.Error
    found: Exception = DBAPIError.instance(sql.text, None, error, driver, dialect=conn.dialect)
    dbapi: Any = None if conn.invalidated else conn.connection.dbapi_connection
    if isinstance(found, DBAPIError) and conn.dialect.is_disconnect(error, dbapi, None):
        found.connection_invalidated = True
        conn.invalidate(error)
    return found


def insert_new(conn: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless one of its unique keys is taken; True when it was inserted. Both engines."""
    # Both dialects spell it alike; asking the driver how many rows an INSERT touched works on neither.
    statement = postgresql.insert(table).values(**values).on_conflict_do_nothing()
    return conn.execute(statement.returning(literal_column("1"))).first() is not None


class Database:
    """The one database. `write()` serialises writers in this process; `read()` gives a read-only connection.

    `url`: `sqlite:///path/to/file`, `sqlite://` (in memory, one shared connection, for tests) or
    `postgresql://…`. `connect_sqlite` replaces the driver (the power-loss proof brings its own disk).
    """

    def __init__(
        self,
        url: str,
        durability: Durability = "full",
        *,
        allow_unsafe: bool = False,
        connect_sqlite: Callable[[], Any] | None = None,
    ) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.durability = durability
        self.allow_unsafe = allow_unsafe
        self._connect_sqlite = connect_sqlite
        self._lock = threading.RLock()
        self._writer: Connection | None = None
        if self.is_sqlite:
            self.path = Path(self.url.database) if self.url.database not in (None, "", ":memory:") else None
            self.write_engine = self._sqlite_engine(read_only=False)
            self.read_engine = self.write_engine if self.path is None else self._sqlite_engine(read_only=True)
        else:
            self.path = None
            self.write_engine, self.read_engine = postgres_engines(self.url, allow_unsafe=allow_unsafe)

    @property
    def dialect(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self.write_engine.dialect.name

    def _sqlite_engine(self, *, read_only: bool) -> Engine:
        pooled = self.path is not None and read_only
        if self.path is None:
            target = "file::memory:?cache=private"
        else:
            target = f"file:{self.path}?mode={'ro' if read_only else 'rwc'}"

        def connect() -> Any:
            if self._connect_sqlite is not None:
                return self._connect_sqlite()
            return sqlite_module.connect(
                target,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                timeout=30.0,
                cached_statements=512,
            )

        options: dict[str, Any] = {"poolclass": NullPool}
        if pooled:
            options = {"poolclass": QueuePool, "pool_size": 8, "max_overflow": 16}
        engine = create_engine("sqlite+pysqlite://", module=sqlite_module, creator=connect, **options)
        event.listen(engine, "connect", _prepare_reader if read_only else self._prepare_writer)
        if not read_only:
            event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine

    def _prepare_writer(self, dbapi: Any, _record: Any) -> None:
        on_disk, mode = self.path is not None, self.durability.upper()
        prepare_writer(dbapi, mode, on_disk=on_disk, allow_unsafe=self.allow_unsafe)

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Give the writing connection inside one transaction: commit at the end, roll back on an error.

        Raises: DBAPIError when nothing was committed, OutcomeUnknown when nobody can tell.
        """
        with self._lock:
            conn = self._writing()
            transaction = conn.begin()
            number: str | None = None
            try:
                yield conn
                number = None if self.is_sqlite else transaction_number(conn)
                transaction.commit()
            except BaseException as error:
                with contextlib.suppress(DBAPIError):  # a lost connection has rolled back by itself
                    transaction.rollback()
                if number is None or not self._was_committed(number, error):
                    raise

    def _writing(self) -> Connection:
        if self._writer is None or self._writer.closed or self._writer.invalidated:
            try:
                self._writer = self.write_engine.connect()
            except DBAPIError as error:
                error.connection_invalidated = True  # nothing was begun: it may be tried again
                raise
        return self._writer

    def _was_committed(self, number: str, error: BaseException) -> bool:
        """Tell what became of a transaction whose connection was lost on the way of its COMMIT."""
        is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return is_lost and has_committed(self.write_engine, number)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for reading; writing through it fails."""
        if self.read_engine is self.write_engine:
            with self.write() as conn:
                yield conn
            return
        with self.read_engine.connect() as conn:
            yield conn

    def close(self) -> None:
        """Close every connection, the writer last: a read-only one cannot checkpoint the WAL."""
        if self.read_engine is not self.write_engine:
            self.read_engine.dispose()
        with self._lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self.write_engine.dispose()


def _prepare_reader(dbapi: Any, _record: Any) -> None:
    prepare_reader(dbapi)
