"""What an administrator sees of the machine itself: jobs, dead letters, state of the process."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy.engine import Connection

from miaohui.app import migrations
from miaohui.app.owners import owns_all_shops
from miaohui.kit import feed, jobs
from miaohui.kit.clock import from_ms
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.http import Caller, Rt, Schema, refusals, require
from miaohui.kit.jobs import MAX_ATTEMPTS, NO_SHOP
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api", tags=["system"])
JobReader = Annotated[Caller, Depends(require("jobs.read"))]
Replayer = Annotated[Caller, Depends(require("jobs.replay"))]


class DeadJob(Schema):
    """A job that failed for good. `error` is the end of its trace, without message texts.

    `is_installations`: it belongs to no shop (backups, upkeep); only the owner of every shop sees it.
    """

    id: int
    is_installations: bool
    kind: str
    attempt: int
    error: str
    created_at: datetime


class DeadJobs(Schema):
    items: list[DeadJob]


class QueueState(Schema):
    """How much waits. `lane_batch_size` is the mean number of writes per commit since the start."""

    queued: int
    running: int
    dead: int
    next_due_at: datetime | None
    feed_last_id: int
    sockets: int
    lane_batch_size: float
    schema_revision: str
    max_attempts: int


def _shops_of(conn: Connection, caller: Caller) -> list[int]:
    """Return whose dead jobs the caller answers for."""
    return [caller.shop_id, *([NO_SHOP] if owns_all_shops(conn, caller) else [])]


@router.get("/jobs/dead", operation_id="list_dead_jobs", summary="死信列表", responses=refusals())
async def list_dead_jobs(
    caller: JobReader, rt: Rt, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> DeadJobs:
    """Return the shop's jobs that failed for good, newest first; the installation's too for who owns all of it."""
    rows = await rt.read(lambda conn: jobs.list_dead(conn, _shops_of(conn, caller), limit))
    return DeadJobs(
        items=[
            DeadJob(
                id=r["id"], is_installations=r["shop_id"] == NO_SHOP, kind=r["kind"], attempt=r["attempt"],
                error=str(r["error"] or "")[-2000:], created_at=from_ms(r["created_at_ms"]),
            )
            for r in rows
        ]
    )  # fmt: skip


@router.post(
    "/jobs/dead/{job_id}/replay",
    operation_id="replay_dead_job",
    summary="重放死信",
    status_code=204,
    responses=refusals(),
)
async def replay_dead_job(job_id: Annotated[int, Path(ge=1, lt=2**53)], caller: Replayer, rt: Rt) -> None:
    """Queue a dead job again with fresh attempts."""

    def replay(tx: Tx) -> None:
        if not jobs.replay_dead(tx.conn, job_id, _shops_of(tx.conn, caller), tx.now):
            NOT_FOUND.refuse(job_id=job_id)
        tx.audit("kit.job_replayed", f"job:{job_id}", shop_id=caller.shop_id)
        tx.ring("jobs")

    await rt.write(caller.actor, replay)


@router.delete(
    "/jobs/dead/{job_id}",
    operation_id="discard_dead_job",
    summary="丢弃死信",
    status_code=204,
    responses=refusals(),
)
async def discard_dead_job(job_id: Annotated[int, Path(ge=1, lt=2**53)], caller: Replayer, rt: Rt) -> None:
    """Give a dead job up for good; what it was stays in the audit log."""

    def discard(tx: Tx) -> None:
        gone = jobs.discard_dead(tx.conn, job_id, _shops_of(tx.conn, caller))
        if gone is None:
            NOT_FOUND.refuse(job_id=job_id)
        facts = {"kind": gone["kind"], "attempt": gone["attempt"], "error": str(gone["error"] or "")[-500:]}
        tx.audit("kit.job_discarded", f"job:{job_id}", facts, shop_id=caller.shop_id)

    await rt.write(caller.actor, discard)


@router.get("/system", operation_id="get_system_state", summary="系统运行状态", responses=refusals())
async def get_system_state(request: Request, caller: JobReader, rt: Rt) -> QueueState:
    """Return queues, dead letters and open sockets of the installation."""

    def read(conn: Connection) -> tuple[dict[str, int], datetime | None, int]:
        counts = conn.exec_driver_sql("SELECT state, count(*) FROM kit_jobs GROUP BY state").all()
        return {str(s): int(n) for s, n in counts}, jobs.next_due(conn), feed.edges(conn)[1]

    by_state, due, last = await rt.read(read)
    return QueueState(
        queued=by_state.get("queued", 0),
        running=by_state.get("running", 0),
        dead=by_state.get("dead", 0),
        next_due_at=due,
        feed_last_id=last,
        sockets=request.app.state.hub.subscriber_count,
        lane_batch_size=round(rt.lane.unit_count / max(1, rt.lane.batch_count), 2),
        schema_revision=migrations.HEAD,
        max_attempts=MAX_ATTEMPTS,
    )
