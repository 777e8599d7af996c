"""Deliveries that failed and channels that fell silent, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from miaohui.inbox.actions.deliveries import replay_delivery
from miaohui.inbox.queries import work
from miaohui.inbox.routes.shapes import cursor_of
from miaohui.inbox.schemas import (
    Ident,
    InboundDeliveriesOut,
    InboundDeliveryOut,
    OkOut,
    SilenceOut,
    SilencesOut,
)
from miaohui.kit.http import Caller, Rt, refusals, require

router = APIRouter(prefix="/api", tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]
Keeper = Annotated[Caller, Depends(require("inbox.labels"))]
Bulker = Annotated[Caller, Depends(require("inbox.bulk"))]
ChannelReader = Annotated[Caller, Depends(require("channels.read"))]
Replayer = Annotated[Caller, Depends(require("jobs.replay"))]


@router.get(
    "/deliveries", operation_id="list_failed_deliveries", summary="处理失败的推送", responses=refusals()
)
async def list_deliveries(
    caller: ChannelReader,
    rt: Rt,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> InboundDeliveriesOut:
    """List deliveries that could not be handled; nothing of them is lost."""
    place = cursor_of(cursor, (1,))
    rows = await rt.read(
        lambda conn: work.list_failed_deliveries(conn, caller.shop_id, limit, place[0] if place else None)
    )
    more = str(rows[-1]["id"]) if len(rows) == limit else None
    return InboundDeliveriesOut(items=[InboundDeliveryOut(**row) for row in rows], next_cursor=more)


@router.post(
    "/deliveries/{delivery_id}/replay",
    operation_id="replay_delivery",
    summary="重放推送",
    responses=refusals(),
)
async def replay(delivery_id: Ident, caller: Replayer, rt: Rt) -> OkOut:
    """Handle a failed delivery again; what it did before is not done twice."""
    await rt.write(caller.actor, lambda tx: replay_delivery(tx, caller.shop_id, delivery_id, caller.user_id))
    return OkOut()


@router.get("/silences", operation_id="list_silences", summary="渠道静默记录", responses=refusals())
async def list_silences(caller: ChannelReader, rt: Rt) -> SilencesOut:
    """List when channels fell silent and spoke again."""
    rows = await rt.read(lambda conn: work.list_silences(conn, caller.shop_id))
    names = SilenceOut.model_fields
    return SilencesOut(items=[SilenceOut(**{n: row[n] for n in names}) for row in rows])
