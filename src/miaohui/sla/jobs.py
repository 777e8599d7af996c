"""What runs later: the timer of the clocks, and re-targeting beyond the first 300."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms
from miaohui.kit.db import raw_rows
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job, TimerSource
from miaohui.sla.actions import fire_due, retarget_clocks
from miaohui.sla.actions.follow import RETARGET_JOB
from miaohui.sla.store import NEXT_DUE


def next_due(conn: Connection) -> datetime | None:
    """Return the earliest deadline of any open clock, or None."""
    found = raw_rows(conn, NEXT_DUE)[0][0]
    return None if found is None else from_ms(int(found))


async def retarget(job: Job, rt: Runtime) -> None:
    """Bring the rest of a shop's clocks in line, 300 a transaction; a restart goes on where it stopped."""
    after_id: int | None = int(job.args["after_id"])
    why_zh = str(job.args["why_zh"])
    while after_id is not None:
        last = after_id
        after_id = await job.step(
            lambda tx, last=last: retarget_clocks(tx, job.shop_id, why_zh, last)  # type: ignore[misc]
        )
    await job.finish()


HANDLERS = {RETARGET_JOB: retarget}
TIMERS = [TimerSource("sla.clocks", next_due, fire_due)]
