"""HTTP of big promotions."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from miaohui.kit.errors import STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop import actions, queries
from miaohui.shop.model import BAD_TIMES
from miaohui.shop.schemas.bounds import Moment, RowId
from miaohui.shop.schemas.schedule import (
    PromotionEdit,
    PromotionIn,
    PromotionOut,
    PromotionsOut,
    ScheduleReasonIn,
)

router = APIRouter(prefix="/api/promotions", tags=["shop"])
Reader = Annotated[Caller, Depends(require("shop.read"))]
Editor = Annotated[Caller, Depends(require("shop.manage"))]


async def _read(promotion_id: int, caller: Caller, rt: Rt) -> PromotionOut:
    row = await rt.read(lambda conn: queries.get_promotion(conn, caller.shop_id, promotion_id))
    return PromotionOut.model_validate(row)


@router.get("", operation_id="list_promotions", summary="大促", responses=refusals())
async def list_promotions(
    caller: Reader,
    rt: Rt,
    since: Annotated[Moment | None, Query(description="默认：三十天前")] = None,
    until: Annotated[Moment | None, Query(description="默认：九十天后")] = None,
) -> PromotionsOut:
    """Return promotions that overlap the stretch."""
    now = rt.clock.now()
    first, last = since or now - timedelta(days=30), until or now + timedelta(days=90)
    rows = await rt.read(lambda conn: queries.list_promotions(conn, caller.shop_id, first, last))
    return PromotionsOut(items=[PromotionOut.model_validate(row) for row in rows])


@router.post(
    "", operation_id="plan_promotion", summary="新建大促", status_code=201, responses=refusals(BAD_TIMES)
)
async def plan(body: PromotionIn, caller: Editor, rt: Rt) -> PromotionOut:
    """Plan a promotion: answered around the clock in shifts."""
    promotion_id = await rt.write(
        caller.actor, lambda tx: actions.plan_promotion(tx, caller.shop_id, body.plan())
    )
    return await _read(promotion_id, caller, rt)


@router.patch(
    "/{promotion_id}",
    operation_id="edit_promotion",
    summary="调整大促",
    responses=refusals(STALE, BAD_TIMES),
)
async def edit(promotion_id: RowId, body: PromotionEdit, caller: Editor, rt: Rt) -> PromotionOut:
    """Move or rename a promotion."""
    await rt.write(
        caller.actor,
        lambda tx: actions.edit_promotion(
            tx, caller.shop_id, promotion_id, body.version, body.plan(), body.reason
        ),
    )
    return await _read(promotion_id, caller, rt)


@router.post(
    "/{promotion_id}/cancellation",
    operation_id="cancel_promotion",
    summary="取消大促",
    responses=refusals(STALE),
)
async def cancel(promotion_id: RowId, body: ScheduleReasonIn, caller: Editor, rt: Rt) -> PromotionOut:
    """Cancel a promotion."""
    await rt.write(
        caller.actor,
        lambda tx: actions.cancel_promotion(tx, caller.shop_id, promotion_id, body.reason),
    )
    return await _read(promotion_id, caller, rt)
