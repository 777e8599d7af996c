"""Loops that do what is due: jobs with a lease, timers at their deadline, pumps that drain a table.

Each loop wakes by the doorbell or at the next deadline, and looks by itself once a second anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.engine import Connection

from miaohui.kit import jobs
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.jobs import JobRow, LostLease
from miaohui.kit.randomness import secret_hex
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor, Tx

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


class JobRunner:
    """Claims due jobs and runs their handlers, at most `slots` at a time."""

    def __init__(
        self, rt: Runtime, handlers: dict[str, JobHandler], periodic: list[Periodic] | None = None,
        *, slots: int = 16, lease_s: float = jobs.LEASE_S,
    ) -> None:  # fmt: skip  # noqa: PLR0913
        self.rt, self.handlers, self.periodic = rt, handlers, periodic or []
        self.slots, self.lease_s = slots, lease_s
        self.worker = f"w-{secret_hex(4)}"
        self._running: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled."""
        bell = self.rt.doorbell.listen("jobs")
        try:
            while True:
                bell.clear()
                self._freed.clear()
                await self._plan_periodic()
                while (free := self.slots - len(self._running)) > 0:
                    claimed = await self._claim(free)
                    for row in claimed:
                        self._start(row)
                    if len(claimed) < free:
                        break
                await self._wait(bell)
        finally:
            self.rt.doorbell.unlisten(bell)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _claim(self, limit: int) -> list[JobRow]:
        now = self.rt.clock.now()
        due = await self.rt.read(jobs.next_due)
        if due is None or due > now:
            return []
        try:
            return await self.rt.write(
                Actor("system", None, self.worker), lambda tx: jobs.claim(tx.conn, tx.now, self.worker, limit, self.lease_s)
            )
        except Refusal as refusal:
            log.warning("jobs.claim_refused", code=refusal.code)
            await asyncio.sleep(LOOK_ANYWAY_S)
            return []

    def _start(self, row: JobRow) -> None:
        task = asyncio.create_task(self._work(row), name=f"job-{row.kind}-{row.id}")
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._freed.set()

    async def _wait(self, bell: asyncio.Event) -> None:
        due = await self.rt.read(jobs.next_due)
        pause = LOOK_ANYWAY_S
        if due is not None and len(self._running) < self.slots:
            pause = min(pause, max(0.005, (due - self.rt.clock.now()).total_seconds()))
        waits = [asyncio.create_task(bell.wait())]
        if len(self._running) >= self.slots:
            waits.append(asyncio.create_task(self._freed.wait()))
        _, pending = await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    async def _plan_periodic(self) -> None:
        now = self.rt.clock.now()
        wanted: list[tuple[Periodic, datetime]] = []
        for plan in self.periodic:
            slot = int(now.timestamp()) // plan.every_s
            if self._slots.get(plan.name) != slot:
                wanted.append((plan, now))
                self._slots[plan.name] = slot
        if wanted:
            await self.rt.write(Actor("system", None, self.worker), lambda tx: [
                tx.enqueue(plan.kind, {}, key=f"{plan.name}@{int(at.timestamp()) // plan.every_s}") for plan, at in wanted
            ])  # fmt: skip

    @property
    def _slots(self) -> dict[str, int]:
        return self.__dict__.setdefault("_slot_of", {})  # type: ignore[no-any-return]

    async def _work(self, row: JobRow) -> None:
        job = Job(row, self.rt)
        beat = asyncio.create_task(self._heartbeat(row))
        try:
            handler = self.handlers.get(row.kind)
            if handler is None:
                raise LookupError(f"no handler for jobs of kind {row.kind!r}")
            await handler(job, self.rt)
            if not job.finished:
                await job.finish()
        except LostLease:
            log.warning("jobs.lease_lost", job=row.id, kind=row.kind, attempt=row.attempt)
        except Refusal as refusal:
            await self._after_failure(row, f"{refusal}", permanent=refusal.kind.status not in (429, 503))
        except Outage as outage:
            await self._after_failure(row, str(outage), retry_after_s=outage.retry_after_s)
        except Exception as error:  # the worker loop is one of the two places that may catch everything
            trace = "".join(traceback.format_exception(error, limit=-8))
            log.warning("jobs.failed", job=row.id, kind=row.kind, attempt=row.attempt, error=repr(error))
            await self._after_failure(row, trace, permanent=isinstance(error, LookupError) and "no handler" in str(error))
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat

    async def _heartbeat(self, row: JobRow) -> None:
        while True:
            await asyncio.sleep(self.lease_s / 3)
            with contextlib.suppress(Refusal):
                await self.rt.write(
                    Actor("system", None, self.worker), lambda tx: jobs.heartbeat(tx.conn, row, tx.now, self.lease_s)
                )

    async def _after_failure(
        self, row: JobRow, error: str, *, retry_after_s: float | None = None, permanent: bool = False
    ) -> None:
        def put_back(tx: Tx) -> str:
            if permanent:
                jobs.bury(tx.conn, row, tx.now, error)
                state = "dead"
            else:
                pause = max(retry_after_s or 0.0, jobs.backoff_s(row.attempt, tx.rng.random()))
                state = jobs.retry(tx.conn, row, tx.now + timedelta(seconds=pause), error)
            if state == "dead":
                tx.feed(row.shop_id, ["shop", "admin"], "kit.job_died", {"job_id": row.id, "kind": row.kind})
            return state

        with contextlib.suppress(Refusal):
            await self.rt.write(Actor("system", None, self.worker), put_back)


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
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), pause)
        finally:
            self.rt.doorbell.unlisten(bell)

    async def _fire(self, source: TimerSource) -> float:
        while True:
            due = await self.rt.read(source.next_due)
            if due is None:
                return LOOK_ANYWAY_S
            ahead = (due - self.rt.clock.now()).total_seconds()
            if ahead > 0:
                return ahead
            try:
                if await self.rt.write(Actor("system", None, source.name), source.fire) == 0:
                    return LOOK_ANYWAY_S / 20
            except Exception:  # a broken source must not stop the others' clocks
                log.exception("timers.failed", source=source.name)
                return LOOK_ANYWAY_S


@dataclass(frozen=True)
class Pump:
    """Drains a table: `step(tx)` handles up to a batch and returns how many rows it handled."""

    name: str
    ring: str
    step: Callable[[Tx], int]


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
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), LOOK_ANYWAY_S)
        finally:
            self.rt.doorbell.unlisten(bell)

    async def _step(self) -> bool:
        try:
            return await self.rt.write(Actor("system", None, self.pump.name), self.pump.step, background=True) > 0
        except Exception:  # keep pumping: the step isolates poison rows itself
            log.exception("pump.failed", pump=self.pump.name)
            await asyncio.sleep(LOOK_ANYWAY_S)
            return False


def handler_names(handlers: dict[str, JobHandler]) -> list[str]:
    """Return the kinds of jobs that can run, sorted."""
    return sorted(handlers)


Loop = Callable[[], Awaitable[Any]]
