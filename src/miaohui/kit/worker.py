"""Loops that do what is due: jobs with a lease, timers at their deadline, pumps that drain a table.

Each loop wakes by the doorbell or at the next deadline, and looks by itself once a second anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.engine import Connection

from miaohui.kit import jobs
from miaohui.kit.jobs import JobRow, LostLease
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor, Tx
from miaohui.kit.waiting import heard

log = structlog.get_logger()
T = TypeVar("T")
LOOK_ANYWAY_S = 1.0


class Job:
    """A claimed job in a handler's hands."""

    def __init__(self, row: JobRow, rt: Runtime) -> None:
        self.row, self.rt = row, rt
        self.id, self.shop_id, self.args, self.attempt = row.id, row.shop_id, row.args, row.attempt
        self.actor = Actor("job", row.id, row.kind)
        self.finished = False

    async def finish(self, fn: Callable[[Tx], T] | None = None) -> T | None:
        """Commit the job's effects together with its end.

        Raises: LostLease, with the effects undone, when another worker took over.
        """

        def effects(tx: Tx) -> T | None:
            jobs.finish(tx.conn, self.row, tx.now)
            return fn(tx) if fn is not None else None

        result = await self.rt.write(self.actor, effects)
        self.finished = True
        return result

    async def step(self, fn: Callable[[Tx], T]) -> T:
        """Commit something in the middle of the job, fenced: fails when the lease was lost."""

        def guarded(tx: Tx) -> T:
            if not jobs.heartbeat(tx.conn, self.row, tx.now):
                raise LostLease(f"job {self.id}")
            return fn(tx)

        return await self.rt.write(self.actor, guarded)

    @property
    def is_last_attempt(self) -> bool:
        """Whether a failure now ends in the dead letters."""
        return self.row.attempt >= self.row.max_attempts


JobHandler = Callable[[Job, Runtime], Awaitable[None]]


@dataclass(frozen=True)
class Periodic:
    """A job that runs once in every slot of `every_s` seconds on the whole installation."""

    name: str
    kind: str
    every_s: int


@dataclass(frozen=True)
class TimerSource:
    """A table with deadlines. `next_due(conn)` is the earliest open one; `fire(tx)` handles what is due at
    `tx.now` by compare-and-set (at most a few hundred rows a call) and returns how many it handled."""

    name: str
    next_due: Callable[[Connection], datetime | None]
    fire: Callable[[Tx], int]


class TimerLoop:
    """Fires every source at its deadline: never early, exactly once, and late only by the lane's queue."""

    def __init__(self, rt: Runtime, sources: list[TimerSource]) -> None:
        self.rt, self.sources = rt, sources

    async def run(self) -> None:
        """Run until cancelled. Transactions that move a deadline call `tx.ring('timers')`."""
        bell = self.rt.doorbell.listen("timers")
        try:
            while True:
                bell.clear()
                pause = LOOK_ANYWAY_S
                for source in self.sources:
                    pause = min(pause, await self._fire(source))
                await heard(bell, pause)
        finally:
            self.rt.doorbell.unlisten(bell)

    async def _fire(self, source: TimerSource) -> float:
        while True:
            try:
                due = await self.rt.read(source.next_due)
                if due is None:
                    return LOOK_ANYWAY_S
                ahead = (due - self.rt.clock.now()).total_seconds()
                if ahead > 0:
                    return ahead
                if await self.rt.write(Actor("system", None, source.name), source.fire) == 0:
                    return LOOK_ANYWAY_S / 20
            except Exception:  # a broken source must not stop the others' clocks
                log.exception("timers.failed", source=source.name)
                return LOOK_ANYWAY_S


@dataclass(frozen=True)
class Pump:
    """Drains a table: `step(tx)` handles up to a batch and returns how many rows it handled.

    `rest_s`: seconds between the bell and the first step, for work that is less the longer it gathers.
    """

    name: str
    ring: str
    step: Callable[[Tx], int]
    rest_s: float = 0.0


class PumpLoop:
    """Runs a pump as background units of the lane until nothing is left, then waits for the bell."""

    def __init__(self, rt: Runtime, pump: Pump) -> None:
        self.rt, self.pump = rt, pump

    async def run(self) -> None:
        """Run until cancelled."""
        bell = self.rt.doorbell.listen(self.pump.ring)
        try:
            while True:
                bell.clear()
                while await self._step():
                    pass
                await heard(bell, LOOK_ANYWAY_S)
                await asyncio.sleep(self.pump.rest_s)
        finally:
            self.rt.doorbell.unlisten(bell)

    async def _step(self) -> bool:
        try:
            return (
                await self.rt.write(Actor("system", None, self.pump.name), self.pump.step, background=True)
                > 0
            )
        except Exception:  # keep pumping: the step isolates poison rows itself
            log.exception("pump.failed", pump=self.pump.name)
            await asyncio.sleep(LOOK_ANYWAY_S)
            return False
