"""Housekeeping of `access`."""

from __future__ import annotations

from miaohui.access import actions
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job, Periodic


async def purge_expired(job: Job, rt: Runtime) -> None:
    """Delete what has done its time."""
    await job.finish(actions.purge_expired)


HANDLERS = {"access.purge_expired": purge_expired}
PERIODIC = [Periodic("access-purge", "access.purge_expired", 3_600)]
