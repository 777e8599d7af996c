"""Looks for messages that are not what was stored: a bit that flipped on the disk (reliability.md §1.9, F4).

SQLite's own check finds a quarter of such flips, the row hash nearly all. Once a day over everything, in small
steps; what is found makes the job fail for good, which the owner of every shop sees among the dead jobs.
"""

from __future__ import annotations

import asyncio
from functools import partial

from sqlalchemy.engine import Connection

from miaohui.inbox.queries import scrub_messages
from miaohui.kit.errors import RefusalKind
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job, JobHandler, Periodic

KIND = "system.scrub_messages"
ROWS = 500
PAUSE_S = 0.02
NAMED = 20
DAMAGED = RefusalKind(
    "system.messages_damaged", 500, "有消息与存入时不一致：请先另存数据目录，再检查磁盘并用最近的备份恢复",
    "Messages differ from what was stored: keep a copy of the data folder, check the disk, restore a backup",
)  # fmt: skip


async def scrub(job: Job, rt: Runtime) -> None:
    """Check every message. Raises: Refusal system.messages_damaged."""
    after, broken = 0, list[int]()
    while True:
        found = await rt.read(partial(scrub_messages, after_id=after, limit=ROWS))
        broken += found.broken_ids
        if found.last_id is None:
            break
        after = found.last_id
        await asyncio.sleep(PAUSE_S)
    if broken:
        DAMAGED.refuse(count=len(broken), message_ids=broken[:NAMED])
    await job.finish()


def list_damaged(conn: Connection) -> list[int]:
    """Return the messages that differ from what was stored, of all shops."""
    after, broken = 0, list[int]()
    while True:
        found = scrub_messages(conn, after)
        broken += found.broken_ids
        if found.last_id is None:
            return broken
        after = found.last_id


HANDLERS: dict[str, JobHandler] = {KIND: scrub}
PERIODIC = [Periodic("system.scrub", KIND, 86_400)]
