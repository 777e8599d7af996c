"""The kit's own tables: finished jobs and events of the live feed go after their time.

The live feed is what browsers resume from and outgoing webhooks follow: a week of it outlasts every holiday.
Jobs that died stay until somebody replays or discards them; the audit chain stays for good.
"""

from __future__ import annotations

from datetime import timedelta

from miaohui.kit import feed, jobs
from miaohui.kit.clock import to_ms
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job, Periodic

KEEP_FEED = timedelta(days=7)
# Longer than the longest slot of a periodic job: its key must not come free while the slot lasts.
KEEP_DONE = timedelta(days=2)
BATCH = 500


async def purge_kit(job: Job, rt: Runtime) -> None:
    """Delete old events and finished jobs, 500 at a time. Job `app.purge_kit`."""
    while await job.step(lambda tx: feed.purge(tx.conn, to_ms(tx.now - KEEP_FEED), BATCH)):
        pass
    while await job.step(lambda tx: jobs.purge_done(tx.conn, tx.now - KEEP_DONE, BATCH)) == BATCH:
        pass
    await job.finish()


HANDLERS = {"app.purge_kit": purge_kit}
PERIODIC = [Periodic("app.purge_kit", "app.purge_kit", 3_600)]
