"""A connection to PostgreSQL on which silence ends (reliability.md F6).

A packet that nobody acknowledges is noticed by the kernel (`engines.PATIENCE`). A server, a proxy or a virtual
machine that acknowledges and never answers is not: without a limit of our own the writer lane would wait for ever.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

SILENT_S = 20.0
# The same from the server's side: a backend whose client fell into the hole lets go of its locks.
_SERVER_SIDE = (
    "SET idle_in_transaction_session_timeout = 20000", "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3", "SET tcp_user_timeout = 15000",
)  # fmt: skip


class Line(psycopg.Connection[Any]):
    """A connection that is closed when a statement is not answered within `limit_s` (None: waits for ever)."""

    limit_s: float | None = SILENT_S

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's, with a limit where none was asked for. Raises: OperationalError, the connection closed."""
        if timeout is not None or self.limit_s is None:
            return super().wait(gen, interval, timeout)
        ends = time.monotonic() + self.limit_s
        try:
            return super().wait(gen, interval, self.limit_s)
        except psycopg.OperationalError:
            if time.monotonic() >= ends:
                self.pgconn.finish()  # whoever asks again gets a new connection
            raise


class AsyncLine(psycopg.AsyncConnection[Any]):
    """As `Line`, on the event loop."""

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's, with a limit where none was asked for. Raises: OperationalError."""
        return await super().wait(gen, interval, SILENT_S if timeout is None else timeout)


def use_lines(engine: Engine) -> None:
    """Have an engine's connections be lines, and tell the server how patient to be with us."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: Any, params: Any) -> Line:
        return Line.connect(*args, **params)

    @event.listens_for(engine, "connect")
    def tell(dbapi: Line, _record: Any) -> None:
        with dbapi.cursor() as cursor:
            for statement in _SERVER_SIDE:
                cursor.execute(statement)
        dbapi.commit()


@contextlib.contextmanager
def unhurried(conn: Connection) -> Iterator[None]:
    """Let statements on this connection take as long as they want: migrations build indexes over everything."""
    line = conn.connection.dbapi_connection
    if not isinstance(line, Line):
        yield
        return
    line.limit_s = None
    try:
        yield
    finally:
        line.limit_s = SILENT_S
