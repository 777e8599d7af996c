"""HTTP of exceptional days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop import actions, queries
from miaohui.shop.model import BAD_POLICY, local_date
from miaohui.shop.schemas.bounds import Day
from miaohui.shop.schemas.schedule import CalendarExceptionIn, CalendarExceptionOut, CalendarExceptionsOut

router = APIRouter(prefix="/api/calendar-exceptions", tags=["shop"])
Reader = Annotated[Caller, Depends(require("shop.read"))]
Editor = Annotated[Caller, Depends(require("shop.manage"))]


async def _list(since: date, until: date, caller: Caller, rt: Rt) -> list[CalendarExceptionOut]:
    rows = await rt.read(lambda conn: queries.list_calendar_exceptions(conn, caller.shop_id, since, until))
    return [CalendarExceptionOut.model_validate(row) for row in rows]


@router.get("", operation_id="list_calendar_exceptions", summary="特殊营业日", responses=refusals())
async def list_calendar_exceptions(
    caller: Reader,
    rt: Rt,
    since: Annotated[Day | None, Query(description="默认：今天")] = None,
    until: Annotated[Day | None, Query(description="默认：一年后")] = None,
) -> CalendarExceptionsOut:
    """Return holidays, make-up days and closed days."""
    first = since or local_date(rt.clock.now())
    last = until or first + timedelta(days=366)
    return CalendarExceptionsOut(items=await _list(first, last, caller, rt))


@router.put(
    "/{on_date}",
    operation_id="set_calendar_exception",
    summary="设置特殊营业日",
    responses=refusals(BAD_POLICY),
)
async def set_exception(
    on_date: Day, body: CalendarExceptionIn, caller: Editor, rt: Rt
) -> CalendarExceptionOut:
    """Give a day its own hours; none: closed."""
    await rt.write(
        caller.actor,
        lambda tx: actions.set_calendar_exception(tx, caller.shop_id, on_date, body.name_zh, body.windows),
    )
    return (await _list(on_date, on_date, caller, rt))[0]


@router.delete(
    "/{on_date}",
    operation_id="remove_calendar_exception",
    summary="取消特殊营业日",
    status_code=204,
    responses=refusals(),
)
async def remove_exception(on_date: Day, caller: Editor, rt: Rt) -> None:
    """Give a day its ordinary hours back."""
    await rt.write(caller.actor, lambda tx: actions.remove_calendar_exception(tx, caller.shop_id, on_date))
