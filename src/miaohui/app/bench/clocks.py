"""Reply clocks: 10,000 open ones, how late they fire; the real timer loop on the real database."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from miaohui.app.bench.report import Figure, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.settings import Settings
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.sla import events as sla
from miaohui.sla.store import clocks as table


def measure(clocks: int = 10_000, firing: int = 1_500, seconds: float = 20.0) -> list[Figure]:
    """Return the lateness of `firing` breaches spread over `seconds` among `clocks` open clocks."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        process = Process(Settings(data_dir=Path(name), log_format="json"))
        where = stand.build(process, "http://127.0.0.1:9", agents=2)
        late: list[float] = []
        process.rt.wiring.on(
            sla.ClockBreached, lambda tx, event: late.append((event.at - event.due_at).total_seconds() * 1000)
        )
        process.rt.lane.run_here(lambda tx: _open_clocks(tx, where.shop_id, clocks, firing, seconds), SYSTEM)
        asyncio.run(_wait(process, seconds))
    missed = firing - len(late)
    facts = {"fired": len(late), "early": sum(v < 0 for v in late), "p50_ms": round(percentile(late, 0.5), 1)}
    return [
        Figure(
            f"clock fires after its deadline, {clocks:,} open, p99",
            percentile(late, 0.99),
            "ms",
            at_most=250,
            facts=facts,
        ),
        Figure("clocks fired early", sum(v < 0 for v in late), "clocks", at_most=0),
        Figure("clocks missed or fired twice", abs(missed), "clocks", at_most=0),
    ]


def _open_clocks(tx: Tx, shop_id: int, clocks: int, firing: int, seconds: float) -> None:
    """Write open clocks straight into the room's table (a bench may); deadlines spread as wanted."""
    start, far = tx.now + timedelta(seconds=4), tx.now + timedelta(hours=8)
    rows = []
    for n in range(clocks):
        due = start + timedelta(seconds=n * seconds / firing) if n < firing else far
        rows.append(
            {
                "id": tx.ids.next(), "shop_id": shop_id, "conversation_id": 10_000_000 + n, "session_id": n + 1,
                "anchor_message_id": n + 1, "started_at": tx.now, "counts_from_at": tx.now, "target_s": 20,
                "reason_zh": "晚间 ≤20 秒", "source": "bench", "due_at": due, "warn_at": tx.now,
                "popup_at": tx.now, "warned_at": tx.now, "popped_at": tx.now, "next_at": due,
            }
        )  # fmt: skip
    tx.execute(insert(table), rows)


async def _wait(process: Process, seconds: float) -> None:
    async with process.lifespan(process.app):
        await asyncio.sleep(seconds + 6)
