"""What one running process holds: database, lane, clock, doorbell, jobs, timers, live hub, egress, blobs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from miaohui.kit.clock import Clock
from miaohui.kit.db import Database
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.ids import IdSource
from miaohui.kit.lane import WriterLane
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import Actor, Tx, Wiring

T = TypeVar("T")


@dataclass
class Runtime:
    """Handed to routes and jobs. Everything that touches time, chance, the disk or the network hangs here.

    `ports` holds what rooms need from outside, by name (`channels`, `egress`, `blobs`, …): real ones are put
    in by `app/wiring.py`, fakes by tests.
    """

    db: Database
    clock: Clock
    ids: IdSource
    rng: Rng
    wiring: Wiring
    doorbell: Doorbell
    data_dir: Path
    ports: dict[str, Any] = field(default_factory=dict)
    lane: WriterLane = field(init=False)
    readers: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.lane = WriterLane(self.db, self.clock, self.ids, self.rng, self.wiring, self.doorbell)
        self.readers = ThreadPoolExecutor(8, thread_name_prefix="reader")

    async def write(
        self, actor: Actor, fn: Callable[[Tx], T], *, hot: bool = False, background: bool = False
    ) -> T:
        """Run `fn(tx)` on the writer lane; return after the commit."""
        return await self.lane.run(fn, actor, hot=hot, background=background)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` on a read-only connection in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, self.read_here, fn)

    def read_here(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` on a read-only connection, in this thread."""
        with self.db.read() as conn:
            return fn(conn)

    async def in_thread(self, fn: Callable[[], T]) -> T:
        """Run something slow (hashing, files) outside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, fn)
