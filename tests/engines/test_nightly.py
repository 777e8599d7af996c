"""The nightly backup is SQLite's: a PostgreSQL installation is backed up by pg_dump, and the job leaves it alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from miaohui.app.backups.nightly import KIND, NightlyPlan, make_nightly
from miaohui.app.backups.shelf import Shelf
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.kit import jobs
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job


def test_postgresql_is_left_to_pg_dump(url: str, tmp_path: Path) -> None:
    process = Process(Settings(data_dir=tmp_path, database=url, role="web"))
    rt = process.rt

    async def run() -> None:
        await process.start()
        rt.ports["nightly_backup"] = NightlyPlan((rt.clock.now().hour + 8) % 24, 1)
        await rt.write(SYSTEM, lambda tx: tx.enqueue(KIND, {}))
        rows = await rt.write(SYSTEM, lambda tx: jobs.claim(tx.conn, tx.now, "test", 9, 60.0))
        await make_nightly(Job(next(row for row in rows if row.kind == KIND), rt), rt)
        made = await rt.read(
            lambda conn: conn.exec_driver_sql(
                "SELECT count(*) FROM kit_audit WHERE action LIKE 'system.backup%%'"
            ).scalar()
        )
        assert made == 0
        await process.stop()

    asyncio.run(run())
    assert Shelf(tmp_path).slips() == []
