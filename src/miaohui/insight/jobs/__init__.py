"""Work of insight that takes time: rounds after an import or an undo, rebuilding after a change of rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miaohui.insight.actions import count_touched
from miaohui.insight.jobs.follow import follow_import, follow_undo, rebuild
from miaohui.insight.queries.sessions import list_session_ids_between
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job, Pump

LANE_TIMEOUT_S = 120.0
FOREVER_MS = 1 << 52


def _writer(job: Job, rt: Runtime) -> Callable[[Callable[[Tx], Any]], Any]:
    return lambda fn: rt.lane.run_blocking(fn, job.actor, LANE_TIMEOUT_S)


async def follow_imported_file(job: Job, rt: Runtime) -> None:
    """Build the rounds of an imported chat file; other files need none."""
    turns = 0
    if job.args["table"] == "messages":
        turns = await rt.in_thread(
            lambda: follow_import(rt.read_here, _writer(job, rt), job.shop_id, job.args["batch_id"])
        )
    await job.finish(lambda tx: _tell(tx, job, turns))


async def follow_undone_import(job: Job, rt: Runtime) -> None:
    """Build the sessions anew that an undone chat file had messages of."""
    args = job.args
    if args["table"] == "messages":
        await rt.in_thread(
            lambda: follow_undo(rt.read_here, _writer(job, rt), job.shop_id, args["from_ms"], args["to_ms"])
        )
    await job.finish(lambda tx: _tell(tx, job, 0))


async def rebuild_all(job: Job, rt: Runtime) -> None:
    """Build every session anew, after the rules by which rounds are counted were changed."""

    def work() -> int:
        found = rt.read_here(lambda conn: list_session_ids_between(conn, job.shop_id, 0, FOREVER_MS))
        return rebuild(_writer(job, rt), job.shop_id, found)

    turns = await rt.in_thread(work)
    await job.finish(lambda tx: _tell(tx, job, turns))


def _tell(tx: Tx, job: Job, turns: int) -> None:
    tx.feed(job.shop_id, ["board"], "insight.figures_changed", {"turns": turns})


HANDLERS = {
    "insight.follow_import": follow_imported_file,
    "insight.follow_undo": follow_undone_import,
    "insight.rebuild": rebuild_all,
}
# A session that several messages touch within a second is counted once.
PUMPS = [Pump("insight.touched", "insight", count_touched, rest_s=1.0)]
