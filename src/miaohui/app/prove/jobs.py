"""kill -9 in the middle of jobs: none lost, none done twice, redelivery within the lease plus one second.

A child process runs the real job runner on the real database; each job writes one effect row. The parent
kills it at random instants, at least `kills` times, and starts it again, as an init system would.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Column, Table, Text, insert, select

from miaohui.app.bench.report import Figure, percentile
from miaohui.kit.clock import SteadyClock
from miaohui.kit.db import Database, Id, metadata
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng, system_rng
from miaohui.kit.runner import JobRunner
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Tx, Wiring
from miaohui.kit.worker import Job

LEASE_S = 0.6
effects_table = Table(
    "prove_effects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job_id", Id, nullable=False),
    Column("attempt", Text, nullable=False),
)


def _runtime(url: str, folder: Path) -> Runtime:
    clock = SteadyClock()
    return Runtime(Database(url), clock, IdSource(clock), system_rng(), Wiring(), Doorbell(), folder)


async def _work(job: Job, rt: Runtime) -> None:
    """A job with a pause in the middle, where kills land."""
    await asyncio.sleep(rt.rng.uniform(0.02, 0.12))
    await job.finish(
        lambda tx: tx.execute(
            insert(effects_table).values(id=tx.ids.next(), job_id=job.id, attempt=str(job.attempt))
        )
    )


def _child(url: str, folder: Path, claims: str) -> None:
    async def main() -> None:
        rt = _runtime(url, folder)
        await rt.doorbell.start()
        rt.lane.start()
        log = os.open(claims, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

        async def noted(job: Job, rt: Runtime) -> None:
            os.write(log, f"{job.id} {job.attempt} {time.monotonic():.4f}\n".encode())
            await _work(job, rt)

        await JobRunner(rt, {"prove.work": noted}, slots=8, lease_s=LEASE_S).run()

    asyncio.run(main())


def _enqueue(db: Database, rt: Runtime, count: int) -> None:
    with db.write() as conn:
        tx = Tx(conn, rt.clock.now(), SYSTEM, rt.wiring, rt.ids, rt.rng)
        for n in range(count):
            tx.enqueue("prove.work", {"n": n}, run_at=tx.now + timedelta(milliseconds=n % 1000))
        tx.flush()


def measure(kills: int = 200, seed: int = 0, url: str = "") -> list[Figure]:
    """Return lost and doubled effects over `kills` kills, and how late interrupted jobs came back."""
    rng = Rng(seed)
    with tempfile.TemporaryDirectory(prefix="miaohui-prove-") as name:
        folder = Path(name)
        url = url or f"sqlite:///{folder / 'jobs.db'}"
        rt = _runtime(url, folder)
        with rt.db.write() as conn:
            metadata.create_all(conn)
        total = 0
        kill_times: list[float] = []
        context = multiprocessing.get_context("fork")
        for _ in range(kills):
            _enqueue(rt.db, rt, 20)
            total += 20
            rt.db.close()
            child = context.Process(target=_child, args=(url, folder, str(folder / "claims")))
            child.start()
            time.sleep(rng.uniform(0.08, 0.5))
            os.kill(child.pid or 0, signal.SIGKILL)
            kill_times.append(time.monotonic())
            child.join()
        return _judge(rt, context, folder, url, total, kill_times)


def _judge(rt: Runtime, context, folder: Path, url: str, total: int, kill_times: list[float]) -> list[Figure]:  # type: ignore[no-untyped-def]
    child = context.Process(target=_child, args=(url, folder, str(folder / "claims")))
    child.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with rt.db.read() as conn:
            open_jobs = conn.exec_driver_sql(
                "SELECT count(*) FROM kit_jobs WHERE state IN ('queued', 'running')"
            ).scalar()
        if open_jobs == 0:
            break
        time.sleep(0.1)
    child.kill()
    child.join()
    with rt.db.read() as conn:
        done = [int(r.job_id) for r in conn.execute(select(effects_table.c.job_id))]
        dead = conn.exec_driver_sql("SELECT count(*) FROM kit_jobs WHERE state = 'dead'").scalar()
    rt.db.close()
    late = _redelivery_s(folder / "claims", kill_times)
    facts = {"jobs": total, "kills": len(kill_times), "interrupted": len(late), "dead": dead}
    waited = {"p50_s": round(percentile(late, 0.5), 3) if late else None}
    beyond = max(late, default=0.0) - LEASE_S
    return [
        Figure("jobs lost", total - len(set(done)), "jobs", at_most=0, facts=facts),
        Figure("job effects doubled", len(done) - len(set(done)), "jobs", at_most=0),
        Figure("jobs that a kill interrupted", len(late), "jobs", at_least=len(kill_times) // 4),
        Figure(f"redelivery beyond the lease of {LEASE_S} s, max", beyond, "s", at_most=1.0, facts=waited),
    ]


def _redelivery_s(claims: Path, kill_times: list[float]) -> list[float]:
    """Return, for each job that was claimed again, the time from the kill between to the next claim."""
    seen: dict[int, float] = {}
    late = []
    for line in claims.read_text().splitlines():
        job, _, at = line.split(" ")
        before = seen.get(int(job))
        if before is not None:
            kill = next((k for k in kill_times if before < k < float(at)), None)
            if kill is not None:
                late.append(float(at) - kill)
        seen[int(job)] = float(at)
    return late
