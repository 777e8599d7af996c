"""Importing an upload as a job: in a thread of its own, chunk by chunk through the writer lane.

A job that is tried again first takes back what the attempt before it left open, then begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from miaohui.importing import actions, queries
from miaohui.importing.jobs.preview import Answers, Plan
from miaohui.importing.jobs.run import Progress, Watch, check_plan, import_file
from miaohui.importing.jobs.uploads import FOLDER, plan_of
from miaohui.kit.errors import Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor, Tx
from miaohui.kit.worker import Job

LIVE_CHUNK_ROWS = 500
LANE_TIMEOUT_S = 120.0
KEEP_UPLOADS = timedelta(days=7)


async def import_upload(job: Job, rt: Runtime) -> None:
    """Import one uploaded file; refusals are told to the person who asked, not tried again."""
    upload = await rt.read(lambda conn: queries.get_upload(conn, job.shop_id, job.args["upload_id"]))
    work = _Work(job, rt, upload)
    try:
        done = await rt.in_thread(work.run)
    except Refusal as refusal:
        facts = {"code": refusal.code, "message": refusal.kind.both, "detail": refusal.detail}
        await job.finish(lambda tx: work.tell(tx, "importing.refused", facts))
        return
    await job.finish(lambda tx: work.tell(tx, "importing.finished", done))


@dataclass
class _Work:
    """One import in a thread: every piece of writing goes through the lane and waits its turn there."""

    job: Job
    rt: Runtime
    upload: dict[str, Any]

    @property
    def actor(self) -> Actor:
        """The person who asked: history and audit name them, not the job."""
        return Actor("user", self.job.args["user_id"], self.job.args.get("by", ""))

    def write(self, fn: Callable[[Tx], Any]) -> Any:
        return self.rt.lane.run_blocking(fn, self.actor, LANE_TIMEOUT_S)

    def tell(self, tx: Tx, name: str, data: dict[str, Any]) -> None:
        topic = f"agent:{self.job.args['user_id']}"
        tx.feed(self.job.shop_id, [topic], name, {"upload_id": self.upload["id"], **data})

    def run(self) -> dict[str, Any]:
        args, shop_id = self.job.args, self.job.shop_id
        answers = Answers(**{**args["answers"], "agents": tuple(args["answers"]["agents"])})
        plan = plan_of(self.rt, shop_id, self.upload, answers)
        kind = self._clear_before(plan)
        if name := args["save_template"]:
            header = plan.context.header
            self.write(lambda tx: actions.save_template(tx, shop_id, name, kind, answers.mapping, header))
        report = import_file(
            self.write, shop_id, plan, Watch(self._progress, self._cancelled), LIVE_CHUNK_ROWS
        )
        return {"batch_id": report.batch_id, "rows": report.rows, "new": report.new, "bad": report.bad}

    def _clear_before(self, plan: Plan) -> str:
        """Take back what an attempt before this one left open; return the kind's code."""
        key, shop_id = check_plan(plan), self.job.shop_id
        kind = plan.kind.code if plan.kind else ""
        found = self.rt.read_here(lambda conn: queries.list_batches_of_file(conn, shop_id, key, kind))
        for batch_id in [row["id"] for row in found if row["outcome"] is None]:
            self.write(partial(_drop_interrupted, shop_id=shop_id, batch_id=batch_id))
        return kind

    def _progress(self, progress: Progress) -> None:
        self.write(
            lambda tx: self.tell(tx, "importing.progress", {"rows": progress.rows, "share": progress.share})
        )

    def _cancelled(self, batch_id: int) -> bool:
        return self.rt.read_here(lambda conn: queries.is_cancel_requested(conn, self.job.shop_id, batch_id))


async def clear_uploads(job: Job, rt: Runtime) -> None:
    """Delete uploaded files that nobody needs any more: what was imported is in the database."""
    before = (rt.clock.now() - KEEP_UPLOADS).timestamp()

    def clear() -> int:
        count = 0
        for path in (rt.data_dir / FOLDER).glob("*/*"):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                count += 1
        return count

    await rt.in_thread(clear)
    await job.finish()


def _drop_interrupted(tx: Tx, shop_id: int, batch_id: int) -> None:
    actions.drop_open_batches(tx, shop_id, "failed", "进程中断", batch_id)
