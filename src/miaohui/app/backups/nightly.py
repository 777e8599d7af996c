"""A backup every night by itself, and the oldest of them taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from miaohui.app.backups.archive import Impossible
from miaohui.app.backups.shelf import Shelf, Slip
from miaohui.kit.clock import from_ms
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job, Periodic

KIND = "system.nightly_backup"
BY = "每晚自动"
_SHANGHAI = timedelta(hours=8)


@dataclass(frozen=True)
class NightlyPlan:
    """When and how many. `hour`: local hour (Asia/Shanghai), -1 for never; `keep`: how many of its own stay."""

    hour: int
    keep: int


def is_due(plan: NightlyPlan, now: datetime, slips: list[Slip]) -> bool:
    """Tell whether a backup is due.

    Once a day, at its hour or at the next one that finds the server running; the first one ever waits for its
    hour, so that a new installation is left alone.
    """
    if plan.hour < 0:
        return False
    local = now + _SHANGHAI
    since = local.replace(hour=plan.hour, minute=0, second=0, microsecond=0)
    since -= timedelta(days=1) if since > local else timedelta()
    made = [from_ms(slip.made_ms) + _SHANGHAI for slip in slips if slip.made_by == BY]
    return max(made) < since if made else local.hour == plan.hour


def surplus(plan: NightlyPlan, slips: list[Slip]) -> list[Slip]:
    """Return the nightly backups that go, oldest last kept; those that people made stay. Shape: newest first in."""
    return [slip for slip in slips if slip.made_by == BY][plan.keep :]


async def make_nightly(job: Job, rt: Runtime) -> None:
    """Make tonight's backup when it is due. A failure is told in the audit log and tried again in an hour."""
    plan: NightlyPlan = rt.ports["nightly_backup"]
    shelf, now = Shelf(rt.data_dir), rt.clock.now()
    if not rt.db.is_sqlite or not is_due(plan, now, await rt.in_thread(shelf.slips)):
        await job.finish()
        return
    try:
        slip = await rt.in_thread(lambda: shelf.make(now, BY))
    except (Impossible, OSError) as problem:
        reason = str(problem)[:500]
        await job.finish(lambda tx: tx.audit("system.backup_failed", "", {"reason": reason}, result="failed"))
        return
    await job.finish(lambda tx: _note(tx, slip))
    await rt.in_thread(lambda: _clear(shelf, plan))


def _note(tx: Tx, slip: Slip) -> None:
    tx.audit("system.backup_made", slip.name, {"bytes": slip.size_bytes, "sha256": slip.sha256, "by": BY})


def _clear(shelf: Shelf, plan: NightlyPlan) -> None:
    for slip in surplus(plan, shelf.slips()):
        shelf.remove(Path(slip.name).name)


HANDLERS = {KIND: make_nightly}
PERIODIC = [Periodic("system.nightly_backup", KIND, 3_600)]
