"""The writer lane against the same statements in one transaction (stack.md §9 T1)."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from miaohui.app import migrations
from miaohui.app.bench.report import Figure, median_fdatasync_ms
from miaohui.kit.clock import SteadyClock, to_ms
from miaohui.kit.db import Database, Durability, Sql
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import system_rng
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Tx, Wiring, write_buffers

BODY = "这款能便宜吗？今天能发货吗，谢谢" * 12
_INSERT = Sql(
    "INSERT INTO kit_jobs (id, shop_id, queue, kind, args, state, run_at_ms, attempt, max_attempts, created_at_ms)"
    " VALUES (?, 1, 'bench', 'bench', ?, 'done', ?, 0, 1, ?) ON CONFLICT DO NOTHING RETURNING id"
)
_FIND = Sql("SELECT attempt FROM kit_jobs WHERE id = ?")
_BUMP = Sql("UPDATE kit_jobs SET attempt = attempt + 1 WHERE id = ?")


def unit(tx: Tx) -> int:
    """Do what receiving a message costs: insert once, look up, count, feed."""
    made = tx.ids.next()
    now_ms = to_ms(tx.now)
    tx.rows(_INSERT, made, BODY, now_ms, now_ms)
    tx.rows(_FIND, made)
    tx.run(_BUMP, made)
    tx.feed(1, ["shop"], "bench.stored", {"id": made})
    return made


def open_runtime(folder: Path, durability: Durability) -> Runtime:
    """Return a runtime on a fresh database in `folder`, lane started."""
    db = Database(f"sqlite:///{folder / f'{durability}.db'}", durability)
    migrations.upgrade(db)
    clock = SteadyClock()
    rt = Runtime(db, clock, IdSource(clock), system_rng(), Wiring(), Doorbell(), folder)
    rt.lane.start()
    return rt


def _one_transaction(rt: Runtime, count: int) -> float:
    started = time.perf_counter()
    with rt.db.write() as conn:
        units = []
        for _ in range(count):
            tx = Tx(conn, rt.clock.now(), SYSTEM, rt.wiring, rt.ids, rt.rng)
            unit(tx)
            units.append(tx)
        write_buffers(conn, units)
    return count / (time.perf_counter() - started)


async def _in_flight(rt: Runtime, clients: int, count: int) -> float:
    left = count

    async def client() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await rt.write(SYSTEM, unit, hot=True)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return count / (time.perf_counter() - started)


def measure(count: int = 20_000, rounds: int = 3) -> list[Figure]:
    """Return the lane's figures; each ratio is the best of `rounds` alternating rounds in this run."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        fsync_ms = median_fdatasync_ms(folder)
        for durability, clients, target in (("full", 256, 0.6), ("full", 64, 0.35), ("normal", 64, 0.6)):
            rt = open_runtime(folder, durability)  # type: ignore[arg-type]
            lane, bare = [], []
            for _ in range(rounds):
                bare.append(_one_transaction(rt, count))
                lane.append(asyncio.run(_in_flight(rt, clients, count)))
            rt.lane.stop()
            rt.db.close()
            (folder / f"{durability}.db").unlink(missing_ok=True)
            ratio = max(a / b for a, b in zip(lane, bare, strict=True))
            facts = {
                "lane_per_s": round(max(lane)), "one_transaction_per_s": round(max(bare)),
                "ratios": [round(a / b, 2) for a, b in zip(lane, bare, strict=True)],
                "median_fdatasync_ms": round(fsync_ms, 2),
            }  # fmt: skip
            figures.append(
                Figure(
                    f"lane {durability.upper()}, {clients} in flight / one transaction",
                    ratio,
                    "×",
                    target,
                    facts=facts,
                )
            )
    return figures
