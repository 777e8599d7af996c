"""Runs jobs: claims what is due under a lease, beats the heart, retries, buries."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from miaohui.kit import jobs
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.jobs import JobRow, LostLease
from miaohui.kit.randomness import secret_hex
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor, Tx
from miaohui.kit.worker import LOOK_ANYWAY_S, Job, JobHandler, Periodic

log = structlog.get_logger()


class JobRunner:
    """Claims due jobs and runs their handlers, at most `slots` at a time."""

    def __init__(
        self,
        rt: Runtime,
        handlers: dict[str, JobHandler],
        periodic: list[Periodic] | None = None,
        *,
        slots: int = 16,
        lease_s: float = jobs.LEASE_S,
    ) -> None:
        self.rt, self.handlers, self.periodic = rt, handlers, periodic or []
        self.slots, self.lease_s = slots, lease_s
        self.worker = f"w-{secret_hex(4)}"
        self._running: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        self._planned: dict[str, int] = {}

    async def run(self) -> None:
        """Run until cancelled."""
        bell = self.rt.doorbell.listen("jobs")
        try:
            while True:
                bell.clear()
                self._freed.clear()
                try:
                    await self._round()
                    await self._wait(bell)
                except (Refusal, DBAPIError) as error:  # jobs under way go on; the database comes back
                    log.warning("jobs.database_unavailable", error=str(error)[:200])
                    await asyncio.sleep(LOOK_ANYWAY_S)
        finally:
            self.rt.doorbell.unlisten(bell)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _round(self) -> None:
        """Claim and start what is due, as long as hands are free."""
        await self._plan_periodic()
        while (free := self.slots - len(self._running)) > 0:
            claimed = await self._claim(free)
            for row in claimed:
                self._start(row)
            if len(claimed) < free:
                break

    async def _claim(self, limit: int) -> list[JobRow]:
        now = self.rt.clock.now()
        due = await self.rt.read(jobs.next_due)
        if due is None or due > now:
            return []
        return await self.rt.write(
            self._actor, lambda tx: jobs.claim(tx.conn, tx.now, self.worker, limit, self.lease_s)
        )

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
        wanted: list[tuple[Periodic, int]] = []
        for plan in self.periodic:
            slot = int(now.timestamp()) // plan.every_s
            if self._planned.get(plan.name) != slot:
                wanted.append((plan, slot))
        if wanted:
            await self.rt.write(self._actor, lambda tx: _enqueue_slots(tx, wanted))
        self._planned |= {plan.name: slot for plan, slot in wanted}

    @property
    def _actor(self) -> Actor:
        return Actor("system", None, self.worker)

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
            await self._after_failure(
                row, trace, permanent=isinstance(error, LookupError) and "no handler" in str(error)
            )
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat

    async def _heartbeat(self, row: JobRow) -> None:
        while True:
            await asyncio.sleep(self.lease_s / 3)
            with contextlib.suppress(Refusal):
                await self.rt.write(
                    Actor("system", None, self.worker),
                    lambda tx: jobs.heartbeat(tx.conn, row, tx.now, self.lease_s),
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
            await self.rt.write(self._actor, put_back)


def _enqueue_slots(tx: Tx, wanted: list[tuple[Periodic, int]]) -> None:
    for plan, slot in wanted:
        tx.enqueue(plan.kind, {}, key=f"{plan.name}@{slot}")
