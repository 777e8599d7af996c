"""Making a backup as a job: it takes as long as the disk takes, and the desk goes on working."""

from __future__ import annotations

from miaohui.app.backups.archive import Impossible
from miaohui.app.backups.shelf import Shelf
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job

KIND = "system.make_backup"
MADE, FAILED = "system.backup_made", "system.backup_failed"


async def make_backup(job: Job, rt: Runtime) -> None:
    """Make a backup; one that cannot be made is told to the person who asked, not tried again."""
    by, topics = str(job.args.get("by", "")), [f"agent:{job.args.get('user_id', 0)}"]

    def tell(tx: Tx, action: str, subject: str, facts: dict[str, object]) -> None:
        result = "ok" if action == MADE else "failed"
        tx.audit(action, subject, {**facts, "by": by}, shop_id=job.shop_id, result=result)
        tx.feed(job.shop_id, topics, action, {"name": subject, **facts})

    try:
        slip = await rt.in_thread(lambda: Shelf(rt.data_dir).make(rt.clock.now(), by))
    except (Impossible, OSError) as problem:
        reason = str(problem)[:500]
        await job.finish(lambda tx: tell(tx, FAILED, "", {"reason": reason}))
        return
    await job.finish(lambda tx: tell(tx, MADE, slip.name, {"bytes": slip.size_bytes, "sha256": slip.sha256}))


HANDLERS = {KIND: make_backup}
