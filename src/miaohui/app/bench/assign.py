"""From an agent freeing up to the assignment of the next buyer, with thousands waiting."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from miaohui.app.bench.report import Figure, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.settings import Settings
from miaohui.channels.model import RawRequest
from miaohui.inbox import actions as inbox
from miaohui.inbox import queries as inbox_queries
from miaohui.inbox.events import ConversationAssigned
from miaohui.inbox.jobs import book_of
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.routing import actions as routing


def measure(waiting: int = 3_000, frees: int = 200) -> list[Figure]:
    """Close one chat after another while `waiting` queue; return how long until the next one is assigned."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        process = Process(Settings(data_dir=Path(name), log_format="json"))
        where = stand.build(process, "http://127.0.0.1:9", agents=10, capacity=5)
        times = asyncio.run(_run(process, where, waiting, frees))
    facts = {
        "p50_ms": round(percentile(times, 0.5), 1),
        "max_ms": round(max(times), 1),
        "waiting": waiting,
        "frees": len(times),
    }
    return [
        Figure(
            f"assignment after an agent frees up, {waiting:,} waiting, p99",
            percentile(times, 0.99),
            "ms",
            at_most=200,
            facts=facts,
        )
    ]


async def _run(process: Process, where: stand.Stand, waiting: int, frees: int) -> list[float]:
    rt = process.rt
    assigned: dict[int, float] = {}

    def note(tx: Tx, event: ConversationAssigned) -> None:
        if event.agent_id is not None:
            assigned.setdefault(event.conversation_id, time.perf_counter())

    rt.wiring.on(ConversationAssigned, note)
    async with process.lifespan(process.app):
        beats = asyncio.create_task(_beat(process, where))
        await _fill(process, where, waiting)
        times = []
        for n in range(frees):
            agent = where.agent_ids[n % len(where.agent_ids)]
            held = await rt.read(
                lambda conn, a=agent: inbox_queries.list_open_of_agent(conn, where.shop_id, a)
            )  # type: ignore[misc]
            known = set(assigned)
            started = time.perf_counter()
            await rt.write(
                SYSTEM,
                lambda tx, c=held[0].id, a=agent: inbox.close_conversation(tx, where.shop_id, c, "agent", a),
            )  # type: ignore[misc]
            while not (fresh := set(assigned) - known):
                await asyncio.sleep(0.001)
                if time.perf_counter() - started > 10:
                    raise RuntimeError("nobody was assigned within 10 s")
            times.append((max(time.perf_counter(), assigned[min(fresh)]) - started) * 1000)
        beats.cancel()
    return times


async def _beat(process: Process, where: stand.Stand) -> None:
    """Be the agents' open pages: without a sign of life they count as gone."""
    while True:
        for agent in where.agent_ids:
            await process.rt.write(SYSTEM, lambda tx, a=agent: routing.note_heartbeat(tx, where.shop_id, a))  # type: ignore[misc]
        await asyncio.sleep(2)


async def _fill(process: Process, where: stand.Stand, waiting: int) -> None:
    rt = process.rt

    def store(tx: Tx, start: int) -> None:
        account = book_of(rt).by_key(tx.conn, where.hook_path.rsplit("/", 1)[1])
        assert account is not None
        for n in range(start, start + 250):
            body, sign = stand.delivery(f"w-{n}", n, "在吗", 1_790_000_000_000 + n)
            inbox.store_delivery(
                tx,
                account,
                RawRequest(
                    "POST", where.hook_path, {"x-douyin-signature": sign, "msg-id": f"w-{n}"}, {}, body
                ),
            )

    for start in range(0, waiting, 250):
        await rt.write(SYSTEM, lambda tx, s=start: store(tx, s))  # type: ignore[misc]
    while True:
        left = await rt.read(
            lambda conn: conn.exec_driver_sql(
                "SELECT count(*) FROM inbox_deliveries WHERE state = 'waiting'"
            ).scalar()
        )
        if left == 0:
            return
        await asyncio.sleep(0.1)
