"""The writer lane: every write of the process goes through one thread that commits in groups.

It takes every unit that waits (up to 512), runs them in one transaction, commits once, and only then
resolves the answers: an answer means *stored*. A unit that raises is undone alone. Source: stack.md §0.2.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DataError, DBAPIError

from miaohui.kit.clock import Clock
from miaohui.kit.db import Database
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.engines import OutcomeUnknown, cannot_write
from miaohui.kit.errors import TOO_MANY, UNAVAILABLE
from miaohui.kit.feed import FeedEvent
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import Actor, Tx, Wiring, write_buffers

log = structlog.get_logger()
T = TypeVar("T")
MAX_BATCH = 512
MAX_WAITING = 20_000
MAX_RETRIES = 5
# Between tries when the connection was lost: a PostgreSQL restart takes 0.4–1.8 s (reliability.md F5).
PAUSES_S = (0.05, 0.3, 0.6, 1.0)
GATHER_S = 0.006


@dataclass(slots=True)
class Unit:
    """One piece of writing. `fn` may run more than once (after a rollback), so it touches only its Tx.

    `hot` units run without a savepoint of their own: if one fails, the batch is run again one by one.
    """

    fn: Callable[[Tx], Any]
    actor: Actor
    hot: bool = False
    future: Any = None
    loop: asyncio.AbstractEventLoop | None = None
    result: Any = None
    error: BaseException | None = None


class WriterLane:
    """One thread, one connection, group commit. Two queues: people and platforms first, background second."""

    def __init__(
        self, db: Database, clock: Clock, ids: IdSource, rng: Rng, wiring: Wiring, doorbell: Doorbell
    ) -> None:
        self.db, self.clock, self.ids, self.rng = db, clock, ids, rng
        self.wiring, self.doorbell = wiring, doorbell
        self._front: deque[Unit] = deque()
        self._back: deque[Unit] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._is_busy = False
        self._gathering: asyncio.AbstractEventLoop | None = None
        self._was_front = False
        # Told of each commit's feed events, in order, on the lane's thread; never on PostgreSQL (`feed.write`).
        self.on_feed: Callable[[list[FeedEvent]], None] | None = None
        self.batch_count = 0
        self.unit_count = 0

    # ---- asking for a write

    async def run(
        self, fn: Callable[[Tx], T], actor: Actor, *, hot: bool = False, background: bool = False
    ) -> T:
        """Run `fn(tx)` in the next batch; return its result after the commit.

        Raises: whatever `fn` raises (undone alone); Refusal kit.unavailable when the database cannot write.
        """
        loop = asyncio.get_running_loop()
        unit = Unit(fn, actor, hot, loop.create_future(), loop)
        self._put(unit, background)
        if self._gathering is not loop:
            self._gathering = loop
            loop.call_soon(self._gather, loop, loop.time() + GATHER_S, 0)
        return await unit.future  # type: ignore[no-any-return]

    def run_blocking(self, fn: Callable[[Tx], T], actor: Actor, timeout_s: float = 60.0) -> T:
        """As `run`, from another thread that may wait."""
        unit = Unit(fn, actor, future=Future())
        self._put(unit, background=False)
        self._bell.put(None)
        return unit.future.result(timeout_s)  # type: ignore[no-any-return]

    def run_here(self, fn: Callable[[Tx], T], actor: Actor) -> T:
        """Run `fn(tx)` and commit in this thread: for set-up before the lane's own thread has started."""
        unit = Unit(fn, actor)
        self.run_batch([unit])
        if unit.error is not None:
            raise unit.error
        return unit.result  # type: ignore[no-any-return]

    def _put(self, unit: Unit, background: bool) -> None:
        if len(self._front) + len(self._back) >= MAX_WAITING:
            raise TOO_MANY.error(waiting=MAX_WAITING)
        if self._stopping:
            raise UNAVAILABLE.error(reason="stopping")
        (self._back if background else self._front).append(unit)

    def _gather(self, loop: asyncio.AbstractEventLoop, until: float, before: int) -> None:
        """Wake the thread at the end of the loop's turn; while many write, once no turn brings more of them.

        Without this the thread and the event loop hand Python's lock to and fro for batches of two or three.
        Somebody who writes alone waits for the end of this turn, nobody longer than a few ms.
        """
        waiting = len(self._front)
        if self._is_busy and before < waiting < MAX_BATCH and loop.time() < until:
            loop.call_soon(self._gather, loop, until, waiting)
            return
        self._gathering = None
        self._bell.put(None)

    # ---- the thread

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._loop, name="writer-lane", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then stop."""
        self._stopping = True
        self._bell.put(None)
        if self._thread is not None:
            self._thread.join(30)

    def _loop(self) -> None:
        while True:
            self._bell.get()
            while batch := self._take():
                self._is_busy = len(batch) > 2
                self.run_batch(batch)
                self._resolve(batch)
            if self._stopping and not self._front and not self._back:
                return

    def _take(self) -> list[Unit]:
        """Return what to commit next: people and platforms first, but background work gets every other turn.

        The two are never committed together: who waits for an answer would wait for the background unit too.
        """
        takes_turn = bool(self._back) and (self._was_front or not self._front)
        source = self._back if takes_turn else self._front
        limit = 1 if takes_turn and self._front else MAX_BATCH
        batch: list[Unit] = []
        while source and len(batch) < limit:
            batch.append(source.popleft())
        self._was_front = source is self._front
        return batch

    def run_batch(self, batch: list[Unit]) -> None:
        """Run and commit a batch; every unit ends with a result or an error, and nothing between."""
        for attempt in range(MAX_RETRIES):
            try:
                if not self._try_batch(batch, careful=attempt > 0):
                    self._try_batch(batch, careful=True)
                return
            except DBAPIError as error:
                if attempt + 1 == MAX_RETRIES or not _may_pass(error):
                    self._give_up(batch, error)
                    return
                _wait_for_connection(error, attempt)
            except BaseException as error:
                _break_off(batch, error)
                return

    def _give_up(self, batch: list[Unit], error: DBAPIError) -> None:
        """Tell the units that they are not stored; what only one of them spoiled is not the others' loss."""
        if isinstance(error, DataError) and len(batch) > 1:
            for unit in batch:
                self.run_batch([unit])
            return
        log.error("lane.batch_failed", units=len(batch), error=str(error.orig)[:300])
        is_data = isinstance(error, DataError)
        for unit in batch:
            unit.error = error if is_data else UNAVAILABLE.error(reason=_reason(error))

    def _try_batch(self, batch: list[Unit], *, careful: bool) -> bool:
        """Run all units in one transaction; False when a hot unit failed and nothing was committed."""
        done: list[Tx] = []
        try:
            with self.db.write() as conn:
                now = self.clock.now()
                for unit in batch:
                    tx = Tx(conn, now, unit.actor, self.wiring, self.ids, self.rng)
                    if _run_unit(unit, tx, careful=careful):
                        done.append(tx)
                events = write_buffers(conn, done)
        except _HotUnitFailed:
            return False
        self.batch_count += 1
        self.unit_count += len(batch)
        if events and self.on_feed is not None:
            self.on_feed(events)
        self.doorbell.ring({name for tx in done for name in tx.rings})
        return True

    def _resolve(self, batch: list[Unit]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Unit]] = {}
        for unit in batch:
            if unit.loop is not None:
                by_loop.setdefault(unit.loop, []).append(unit)
            elif unit.error is not None:
                unit.future.set_exception(unit.error)
            else:
                unit.future.set_result(unit.result)
        for loop, units in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve_here, units)


class _HotUnitFailed(Exception):
    """A unit without a savepoint failed; the batch is run again, carefully."""


def _run_unit(unit: Unit, tx: Tx, *, careful: bool) -> bool:
    """Run one unit; True when its effects stand. A unit with a savepoint is undone alone when it raises."""
    unit.result = unit.error = None
    try:
        if unit.hot and not careful:
            unit.result = unit.fn(tx)
        else:
            with tx.savepoint():
                unit.result = unit.fn(tx)
        return True
    except Exception as error:
        if isinstance(error, DBAPIError) and (_may_pass(error) or cannot_write(error)):
            raise
        if unit.hot and not careful:
            raise _HotUnitFailed from error
        unit.error = error
        return False


def _break_off(batch: list[Unit], error: BaseException) -> None:
    """Tell the units of a batch that broke; one whose outcome nobody knows is never run again by itself: who
    asked asks again with the same key."""
    log.exception("lane.batch_broken", units=len(batch))
    if isinstance(error, OutcomeUnknown):
        error = UNAVAILABLE.error(reason="outcome_unknown")
    for unit in batch:
        unit.error = error


def _wait_for_connection(error: DBAPIError, attempt: int) -> None:
    """Wait a little before a batch is run again, when it lost its connection."""
    if error.connection_invalidated:
        log.warning("lane.connection_lost", attempt=attempt)
        time.sleep(PAUSES_S[attempt])


def _resolve_here(units: list[Unit]) -> None:
    for unit in units:
        if unit.future.done():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)


def _reason(error: DBAPIError) -> str:
    text = str(error.orig).lower()
    if "full" in text or "no space" in text:
        return "disk_full"
    if "locked" in text or "busy" in text:
        return "locked"
    return "database"


def _may_pass(error: DBAPIError) -> bool:
    """Tell whether running the batch again can help: deadlock, serialization, lost connection. A locked SQLite
    file was waited for by the engine itself (30 s) already."""
    code = getattr(error.orig, "sqlstate", None)
    return bool(error.connection_invalidated) or code in ("40P01", "40001")
