"""A small world for tests: two shops, Alice (owner), Bob (teammate), Charlie (outsider), a frozen clock.

Rooms add their own seeding on top; nothing here mocks our own code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from miaohui.kit.clock import ManualClock
from miaohui.kit.db import Database, metadata
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import SYSTEM, Actor, Tx, Wiring

T = TypeVar("T")
NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)  # 20:00 in Shanghai: the evening peak
SHOP_A, SHOP_B = 101, 202
ALICE, BOB, CHARLIE = 1, 2, 3

_TEMPLATES: dict[int, Database] = {}
_MADE: dict[str, int] = {}


def _template() -> Database:
    """Return a database with the empty tables of every room imported so far."""
    count = len(metadata.tables)
    if count not in _TEMPLATES:
        made = _TEMPLATES[count] = Database("sqlite://")
        with made.write() as conn:
            metadata.create_all(conn)
    return _TEMPLATES[count]


def _raw(db: Database) -> Any:
    """Return the driver's own connection of an in-memory database, outside any transaction."""
    with db.write() as conn:
        return conn.connection.dbapi_connection


class World:
    """An in-memory database with every imported room's tables, and one way to write and to read.

    Publishing goes through `self.wiring`, empty at first: a test wires only what it is about.
    """

    def __init__(self, url: str = "sqlite://", at: datetime = NOON) -> None:
        self.db = Database(url)
        self.clock = ManualClock(at)
        self.ids = IdSource(self.clock)
        self.rng = Rng(7)
        self.wiring = Wiring()
        self.published: list[Any] = []
        metadata.create_all(self.db.write_engine) if self.db.path else self._create()

    def _create(self) -> None:
        if self.db.is_sqlite:  # copying the empty tables takes 1 ms, making 128 of them takes 43 ms
            _raw(_template()).backup(_raw(self.db))
            return
        count, url = len(metadata.tables), str(self.db.url)
        if _MADE.get(url) != count:
            with self.db.write() as conn:
                metadata.create_all(conn)
            _MADE[url] = count

    def write(self, fn: Callable[[Tx], T], actor: Actor = SYSTEM) -> T:
        """Run `fn(tx)` in one transaction, committed at the end."""
        with self.db.write() as conn:
            tx = Tx(conn, self.clock.now(), actor, self.wiring, self.ids, self.rng)
            result = fn(tx)
            tx.flush()
            return result

    def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` on a reading connection."""
        with self.db.read() as conn:
            return fn(conn)

    def record(self, *event_types: type) -> list[Any]:
        """Collect published events of these types into `self.published` and return that list."""
        for event_type in event_types:
            self.wiring.on(event_type, lambda tx, event: self.published.append(event))
        return self.published

    def close(self) -> None:
        self.db.close()
