"""HTTP of the reserve 机动人力: the calls, one's answer, standing down."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.runtime import Runtime
from miaohui.routing import actions, queries
from miaohui.routing.model import NOT_AN_AGENT
from miaohui.routing.model.reserve import CALL_OVER
from miaohui.routing.schemas.fields import RowId
from miaohui.routing.schemas.reserve import ReserveAnswerIn, ReserveCallOut, ReserveCallsOut

router = APIRouter(prefix="/api/reserve-calls", tags=["routing"])
Reader = Annotated[Caller, Depends(require("routing.read"))]
Present = Annotated[Caller, Depends(require("routing.presence"))]


@router.get("", summary="机动支援呼叫", operation_id="list_reserve_calls", responses=refusals())
async def list_calls(
    caller: Reader,
    rt: Rt,
    mine: Annotated[bool, Query(description="只看呼叫我的")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReserveCallsOut:
    """List calls, the newest first: one's own, or everybody's for supervisors."""
    own = caller.user_id if mine or not caller.can("routing.manage") else None
    rows = await rt.read(lambda conn: queries.list_reserve_calls(conn, caller.shop_id, own, limit))
    return ReserveCallsOut(items=[ReserveCallOut.of(row) for row in rows])


@router.post(
    "/{call_id}/answer", summary="应答机动支援呼叫", operation_id="answer_reserve_call",
    responses=refusals(CALL_OVER, NOT_AN_AGENT),
)  # fmt: skip
async def answer(call_id: RowId, body: ReserveAnswerIn, caller: Present, rt: Rt) -> ReserveCallOut:
    """Come (one is online with this) or say no (the next one is called); only the person who was called may."""
    who = (caller.shop_id, call_id, caller.user_id)
    await rt.write(
        caller.actor, lambda tx: actions.answer_call(tx, *who, accepts=body.accepts, note=body.note)
    )
    return await _shown(rt, caller, call_id)


@router.post(
    "/{call_id}/end", summary="解除机动支援", operation_id="end_reserve_call", responses=refusals(CALL_OVER)
)
async def end(call_id: RowId, caller: Present, rt: Rt) -> ReserveCallOut:
    """Stand down: whoever was called, or a supervisor for them. Chats in progress are finished on a break."""
    own = None if caller.can("routing.manage") else caller.user_id
    await rt.write(caller.actor, lambda tx: actions.end_call(tx, caller.shop_id, call_id, own))
    return await _shown(rt, caller, call_id)


async def _shown(rt: Runtime, caller: Caller, call_id: int) -> ReserveCallOut:
    row = await rt.read(lambda conn: queries.find_reserve_call(conn, caller.shop_id, call_id))
    return ReserveCallOut.of(row or NOT_FOUND.refuse(call_id=call_id))
