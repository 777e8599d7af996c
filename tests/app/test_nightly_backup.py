"""The nightly backup: once a night, the newest seven kept, nobody else's touched."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from miaohui.app.backups.nightly import BY, KIND, NightlyPlan, is_due, make_nightly, surplus
from miaohui.app.backups.shelf import Shelf, Slip
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.kit import jobs
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job

PLAN = NightlyPlan(4, 7)
NIGHT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)  # 04:30 in Shanghai, 22 November


def made(at: datetime, by: str = BY) -> Slip:
    return Slip(f"miaohui-{at:%Y%m%d-%H%M%S}.tar", to_ms(at), by)


@pytest.mark.parametrize(
    ("now", "slips", "due"),
    [
        (NIGHT, [], True),
        (NIGHT + timedelta(hours=6), [], False),  # a new installation in the morning: it waits for its hour
        (NIGHT, [made(NIGHT - timedelta(hours=24))], True),
        (NIGHT + timedelta(minutes=20), [made(NIGHT)], False),
        (NIGHT + timedelta(hours=23), [made(NIGHT)], False),
        (NIGHT + timedelta(hours=29), [made(NIGHT)], True),  # the machine was off at four: the next hour does
        (NIGHT, [made(NIGHT - timedelta(hours=1), "陈立")], True),  # a person's own backup does not count
    ],
)
def test_a_backup_is_due_once_a_night(now: datetime, slips: list[Slip], due: bool) -> None:
    assert is_due(PLAN, now, slips) is due


def test_never_is_never() -> None:
    assert not is_due(NightlyPlan(-1, 7), NIGHT, [])


def test_the_oldest_nightly_ones_go_and_peoples_own_stay() -> None:
    nights = [made(NIGHT - timedelta(days=n)) for n in range(9)]
    kept = made(NIGHT - timedelta(days=30), "陈立")
    assert surplus(PLAN, [*nights, kept]) == nights[7:]


def test_the_job_makes_it_notes_it_and_clears_up(tmp_path: Path) -> None:
    process = Process(Settings(data_dir=tmp_path, role="web"))
    rt = process.rt
    local = rt.clock.now() + timedelta(hours=8)
    rt.ports["nightly_backup"] = NightlyPlan(local.hour, 1)
    shelf = Shelf(tmp_path)
    old = shelf.make(rt.clock.now() - timedelta(days=2), BY)
    own = shelf.make(rt.clock.now() - timedelta(days=3), "陈立")

    async def run() -> None:
        await process.start()
        await rt.write(SYSTEM, lambda tx: tx.enqueue(KIND, {}))
        rows = await rt.write(SYSTEM, lambda tx: jobs.claim(tx.conn, tx.now, "test", 9, 60.0))
        await make_nightly(Job(next(row for row in rows if row.kind == KIND), rt), rt)
        assert (
            await rt.read(
                lambda conn: conn.exec_driver_sql(
                    "SELECT count(*) FROM kit_audit WHERE action = 'system.backup_made'"
                ).scalar()
            )
            == 1
        )
        await process.stop()

    asyncio.run(run())
    names = {slip.name for slip in shelf.slips()}
    assert len(names) == 2 and old.name not in names and own.name in names
