"""Jobs of one shop that name things of another do nothing to the other (reliability.md R4)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from miaohui.kit import jobs
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.jobs import JobRow
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.kit.worker import Job
from tests.app.calls import Ref, fill
from tests.app.matrix import TALLY, Matrix

# Work on the whole installation: it belongs to no shop, its rows say shop 0, and it takes no arguments.
WHOLE = {
    "access.purge_expired", "app.compact_erased", "app.purge_kit", "importing.clear_uploads", "inbox.purge_deliveries",
    "inbox.sweep_replies", "inbox.watch_silence", "routing.purge_decisions", "shop.measure_tiers",
    "system.look_after_logins", "system.nightly_backup", "system.scrub_messages", "trade.reconcile_all",
    "webhooks.purge",
}  # fmt: skip
_REFS = {"order_id": "6900zobbb"}
_ANSWERS = {
    "kind": "", "mapping": {}, "from_on": "", "to_on": "", "store": "", "agents": [], "platform": "", "sheet": "",
}  # fmt: skip
_BATCH = {
    "batch_id": Ref("import"),
    "shop_id": Ref("shop"),
    "table": "messages",
    "from_ms": 0,
    "to_ms": 2**40,
}
ARGS: dict[str, dict[str, Any]] = {
    "app.erase_buyer": {"erasure_id": Ref("erasure")},
    "importing.import_file": {
        "upload_id": Ref("upload"), "answers": _ANSWERS, "save_template": "x", "user_id": Ref("agent"),
    },
    "inbox.deliver_reply": {"message_id": Ref("queued_reply")},
    "inbox.fetch_media": {"message_id": Ref("message")},
    "inbox.look_up_reply": {"message_id": Ref("unknown_reply"), "round": 0},
    "insight.follow_import": _BATCH,
    "insight.follow_undo": _BATCH,
    "insight.rebuild": {"shop_id": Ref("shop")},
    "system.make_backup": {"by": "x", "user_id": Ref("agent")},
    "sla.retarget_clocks": {"after_id": 0, "why_zh": "测试", "shop_id": Ref("shop")},
    "trade.pull_order": {"account_id": Ref("account"), "refs": _REFS},
    "trade.pull_aftersale": {"account_id": Ref("account"), "refs": _REFS},
    "trade.pull_parcel": {"account_id": Ref("account"), "refs": _REFS},
    "trade.reconcile_stream": {"account_id": Ref("account"), "stream": "orders"},
    "webhooks.send_due": {"endpoint_id": Ref("endpoint")},
}  # fmt: skip


def test_the_table_knows_every_kind_of_job(matrix: Matrix) -> None:
    handlers = set(matrix.process.assembly.handlers)
    assert handlers - WHOLE - set(ARGS) == set(), "say here what a job of this kind points at"
    assert (WHOLE | set(ARGS)) - handlers == set(), "gone: take it out"
    assert WHOLE & set(ARGS) == set()


def test_only_work_on_the_whole_installation_is_planned_by_the_clock(matrix: Matrix) -> None:
    planned = {plan.kind for plan in matrix.process.assembly.periodic}
    assert planned - WHOLE == set(), "a periodic job has no shop"


@pytest.mark.parametrize("kind", sorted(ARGS))
def test_a_job_of_one_shop_does_nothing_to_another(matrix: Matrix, kind: str) -> None:
    ids = {**matrix.b.ids, "shop": matrix.b.id}
    args = fill(ARGS[kind], ids)

    async def run() -> None:
        theirs = matrix.prints(matrix.b)
        row = await matrix.process.rt.write(SYSTEM, lambda tx: _running(tx, matrix.a.id, kind, args))
        job = Job(row, matrix.process.rt)
        try:
            async with asyncio.timeout(10):
                await matrix.process.assembly.handlers[kind](job, matrix.process.rt)
        except (Refusal, Outage):
            pass  # it does not find what it was pointed at
        TALLY.add("job")
        assert matrix.changed(theirs, matrix.b) == []

    matrix.run(run())


@pytest.mark.parametrize("kind", sorted(ARGS))
def test_the_same_job_of_the_shop_itself_does_its_work(matrix: Matrix, kind: str) -> None:
    """Without this the test above could pass with arguments that no job ever has."""
    args = fill(ARGS[kind], {**matrix.a.ids, "shop": matrix.a.id})

    async def run() -> None:
        row = await matrix.process.rt.write(SYSTEM, lambda tx: _running(tx, matrix.a.id, kind, args))
        job = Job(row, matrix.process.rt)
        async with asyncio.timeout(20):
            await matrix.process.assembly.handlers[kind](job, matrix.process.rt)
        TALLY.add("job, own shop")

    matrix.run(run())


def _running(tx: Tx, shop_id: int, kind: str, args: dict[str, Any]) -> JobRow:
    """Store a job and claim it, so that its handler can finish it."""
    job_id = tx.ids.next()
    early = tx.now.replace(year=2001)
    new = jobs.NewJob(job_id, shop_id, "default", kind, args, early, None, early)
    jobs.insert_many(tx.conn, [new])
    claimed = jobs.claim(tx.conn, early.replace(year=2002), "test", 50)
    return next(row for row in claimed if row.id == job_id)
