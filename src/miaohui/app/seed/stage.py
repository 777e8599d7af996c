"""The stage on which the example shop is made: the rooms' own actions at times that have passed.

Its clock starts days ago and ends now, so that orders, chats and log lines carry believable times. Nothing is
written but through actions, with the installation's own wiring.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import TypeVar

from sqlalchemy.engine import Connection

from miaohui.kit.clock import ManualClock
from miaohui.kit.crypto import Vault
from miaohui.kit.db import Database
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import Actor, Tx, Wiring

T = TypeVar("T")
SEEDER = Actor("system", None, "示例数据")


class Stage:
    """One database, a clock moved by hand, and a random source of its own. `chance` decides the world; the
    transactions' own randomness is another, so that a change of a room does not change the world."""

    def __init__(self, db: Database, wiring: Wiring, vault: Vault, now: datetime, seed: int) -> None:
        self.db, self.wiring, self.vault = db, wiring, vault
        self.now = now
        self.clock = ManualClock(now)
        self.ids = IdSource(self.clock)
        self.rng, self.chance = Rng(seed), Random(seed)

    def write(self, fn: Callable[[Tx], T], at: datetime | None = None, actor: Actor = SEEDER) -> T:
        """Run `fn(tx)` in one transaction as of `at` (now when left out), committed at the end."""
        self.clock.set(at or self.now)
        with self.db.write() as conn:
            tx = Tx(conn, self.clock.now(), actor, self.wiring, self.ids, self.rng)
            result = fn(tx)
            tx.flush()
            return result

    def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` on a reading connection."""
        with self.db.read() as conn:
            return fn(conn)
