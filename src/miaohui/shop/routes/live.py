"""HTTP of live sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.kit.errors import STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop import actions, queries
from miaohui.shop.model import BAD_TIMES, WRONG_LIVE_STATE, Guard
from miaohui.shop.model.live import guard_of, guard_span
from miaohui.shop.queries.schedule import live_session_of
from miaohui.shop.schemas.bounds import Moment, RowId
from miaohui.shop.schemas.schedule import (
    LiveChangeOut,
    LiveExtensionIn,
    LiveSessionDetailOut,
    LiveSessionEdit,
    LiveSessionIn,
    LiveSessionOut,
    LiveSessionsOut,
    ScheduleReasonIn,
)

router = APIRouter(prefix="/api/live-sessions", tags=["shop"])
Reader = Annotated[Caller, Depends(require("shop.read"))]
Editor = Annotated[Caller, Depends(require("shop.manage"))]


def _fields(row: Any, guard: Guard, now: datetime) -> dict[str, Any]:
    session = live_session_of(row)
    span = guard_span(session, guard, now)
    names = set(LiveSessionOut.model_fields) - {"state", "guard_from", "guard_until"}
    return {
        **{name: getattr(row, name) for name in names},
        "state": session.state.value,
        "guard_from": span and span.start_at,
        "guard_until": span and span.end_at,
    }


def _detail(conn: Connection, shop_id: int, live_session_id: int, now: datetime) -> LiveSessionDetailOut:
    row = queries.get_live_session(conn, shop_id, live_session_id)
    changes = queries.list_live_changes(conn, shop_id, live_session_id)
    return LiveSessionDetailOut(
        **_fields(row, _guard(conn, shop_id, now), now),
        changes=[LiveChangeOut.model_validate(change) for change in changes],
    )


def _guard(conn: Connection, shop_id: int, now: datetime) -> Guard:
    return guard_of(queries.get_policy(conn, shop_id, "guard_window", now).value)


async def _read(live_session_id: int, caller: Caller, rt: Rt) -> LiveSessionDetailOut:
    now = rt.clock.now()
    return await rt.read(lambda conn: _detail(conn, caller.shop_id, live_session_id, now))


@router.get("", operation_id="list_live_sessions", summary="直播场次", responses=refusals())
async def list_live_sessions(
    caller: Reader,
    rt: Rt,
    since: Annotated[Moment | None, Query(description="默认：一天前")] = None,
    until: Annotated[Moment | None, Query(description="默认：十四天后")] = None,
) -> LiveSessionsOut:
    """Return sessions that overlap the stretch, with their guard windows."""
    now = rt.clock.now()
    first, last = since or now - timedelta(days=1), until or now + timedelta(days=14)

    def read(conn: Connection) -> LiveSessionsOut:
        guard = _guard(conn, caller.shop_id, now)
        rows = queries.list_live_sessions(conn, caller.shop_id, first, last)
        return LiveSessionsOut(items=[LiveSessionOut(**_fields(row, guard, now)) for row in rows])

    return await rt.read(read)


@router.post(
    "",
    operation_id="plan_live_session",
    summary="新建直播场次",
    status_code=201,
    responses=refusals(BAD_TIMES),
)
async def plan(body: LiveSessionIn, caller: Editor, rt: Rt) -> LiveSessionDetailOut:
    """Plan a session; its guard window follows."""
    live_session_id = await rt.write(
        caller.actor, lambda tx: actions.plan_live_session(tx, caller.shop_id, body.plan())
    )
    return await _read(live_session_id, caller, rt)


@router.get(
    "/{live_session_id}", operation_id="get_live_session", summary="直播场次详情", responses=refusals()
)
async def get_live_session(live_session_id: RowId, caller: Reader, rt: Rt) -> LiveSessionDetailOut:
    """Return a session with what happened to it."""
    return await _read(live_session_id, caller, rt)


@router.patch(
    "/{live_session_id}",
    operation_id="edit_live_session",
    summary="调整直播场次",
    responses=refusals(STALE, BAD_TIMES, WRONG_LIVE_STATE),
)
async def edit(live_session_id: RowId, body: LiveSessionEdit, caller: Editor, rt: Rt) -> LiveSessionDetailOut:
    """Move or rename a session that has not ended."""
    await rt.write(
        caller.actor,
        lambda tx: actions.edit_live_session(
            tx, caller.shop_id, live_session_id, body.version, body.plan(), body.reason
        ),
    )
    return await _read(live_session_id, caller, rt)


@router.post(
    "/{live_session_id}/start",
    operation_id="start_live_session",
    summary="开播",
    responses=refusals(WRONG_LIVE_STATE),
)
async def start(live_session_id: RowId, caller: Editor, rt: Rt) -> LiveSessionDetailOut:
    """Note that it is on air."""
    await rt.write(caller.actor, lambda tx: actions.start_live_session(tx, caller.shop_id, live_session_id))
    return await _read(live_session_id, caller, rt)


@router.post(
    "/{live_session_id}/extension",
    operation_id="extend_live_session",
    summary="加播",
    responses=refusals(WRONG_LIVE_STATE, BAD_TIMES),
)
async def extend(
    live_session_id: RowId, body: LiveExtensionIn, caller: Editor, rt: Rt
) -> LiveSessionDetailOut:
    """Move the planned end."""
    await rt.write(
        caller.actor,
        lambda tx: actions.extend_live_session(
            tx, caller.shop_id, live_session_id, body.planned_end_at, body.reason
        ),
    )
    return await _read(live_session_id, caller, rt)


@router.post(
    "/{live_session_id}/end",
    operation_id="end_live_session",
    summary="下播",
    responses=refusals(WRONG_LIVE_STATE),
)
async def end(live_session_id: RowId, body: ScheduleReasonIn, caller: Editor, rt: Rt) -> LiveSessionDetailOut:
    """Note that it is off air; the guard window ends an hour later."""
    await rt.write(
        caller.actor,
        lambda tx: actions.end_live_session(tx, caller.shop_id, live_session_id, body.reason),
    )
    return await _read(live_session_id, caller, rt)


@router.post(
    "/{live_session_id}/cancellation",
    operation_id="cancel_live_session",
    summary="取消直播场次",
    responses=refusals(WRONG_LIVE_STATE),
)
async def cancel(
    live_session_id: RowId, body: ScheduleReasonIn, caller: Editor, rt: Rt
) -> LiveSessionDetailOut:
    """Cancel a session that has not begun."""
    await rt.write(
        caller.actor,
        lambda tx: actions.cancel_live_session(tx, caller.shop_id, live_session_id, body.reason),
    )
    return await _read(live_session_id, caller, rt)
