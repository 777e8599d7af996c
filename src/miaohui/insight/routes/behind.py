"""HTTP of what stands behind the figures: when it burns, the rounds of a cell, one conversation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from miaohui.insight.model.figures import KEPT
from miaohui.insight.model.intents import NAMES_ZH
from miaohui.insight.queries.heat import Cell, HeatRow, Slice, Span, list_heat, rounds_behind
from miaohui.insight.queries.talks import get_talk
from miaohui.insight.schemas import (
    DiagnosisEvidenceOut,
    HeatCellOut,
    HeatMapOut,
    HeatRowOut,
    TalkLineOut,
    TalkOut,
)
from miaohui.kit.clock import from_ms
from miaohui.kit.http import Caller, Day, Rt, refusals, require

router = APIRouter(prefix="/api/insight", tags=["insight"])
Reader = Annotated[Caller, Depends(require("insight.read"))]
SeesAll = Annotated[Caller, Depends(require("inbox.read_all"))]
Where = Annotated[str, Query(pattern=r"^(douyin|tmall|jd|pinduoduo)$")]
By = Literal["weekday", "agent", "group", "product"]


def _row(row: HeatRow) -> HeatRowOut:
    hours = [
        HeatCellOut(
            hour=hour, turns=c.turns, missed=c.missed, average_s=c.sum_ms / c.turns / 1000,
            within_180s=c.within_180s / c.turns,
        )
        for hour, c in sorted(row.hours.items())
        if c.turns
    ]  # fmt: skip
    return HeatRowOut(key=row.key, name_zh=row.name_zh, turns=row.turns, hours=hours)


@router.get(
    "/heat", operation_id="get_heat", summary="热力图：按小时看星期、客服、分组、商品", responses=refusals()
)
async def get_heat(
    caller: Reader, rt: Rt, from_on: Day, to_on: Day, by: By = "weekday", platform: Where = "douyin"
) -> HeatMapOut:
    """Return rounds by local hour; the busiest 20 rows."""
    span = Span(from_on, to_on, platform)
    rows = await rt.read(lambda conn: list_heat(conn, caller.shop_id, by, span))
    return HeatMapOut(from_on=from_on, to_on=to_on, by=by, rows=[_row(row) for row in rows])


@router.get(
    "/rounds", operation_id="list_rounds_behind", summary="热力图一格背后的轮次", responses=refusals()
)
async def list_rounds_behind(  # noqa: PLR0913 -- each parameter is one of the address
    caller: Reader, rt: Rt, from_on: Day, to_on: Day, key: Annotated[str, Query(max_length=200)], by: By = "weekday",
    hour: Annotated[int | None, Query(ge=0, le=23)] = None, platform: Where = "douyin",
    limit: Annotated[int, Query(ge=1, le=200)] = KEPT, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> DiagnosisEvidenceOut:  # fmt: skip
    """Return a page of the rounds of a cell (or, without an hour, of a row), unanswered and slow ones first.

    `total` counts all of them.
    """
    span, cell, part = Span(from_on, to_on, platform), Cell(by, key, hour), Slice(limit, offset)
    found = await rt.read(lambda conn: rounds_behind(conn, caller.shop_id, span, cell, part))
    return DiagnosisEvidenceOut(**asdict(found))


@router.get("/talk", operation_id="get_talk", summary="指标背后的一个会话", responses=refusals())
async def read_talk(
    caller: SeesAll, rt: Rt, session: Annotated[str, Query(min_length=1, max_length=200)]
) -> TalkOut:
    """Return a conversation that figures were counted from; a live one is named by its number at the desk."""
    talk = await rt.read(lambda conn: get_talk(conn, caller.shop_id, session))
    s = talk.session
    return TalkOut(
        session=s.session_id, conversation_id=talk.conversation_id, agent=s.agent, started_at=from_ms(s.started_ms),
        intent_zh=NAMES_ZH.get(s.intent, s.intent), turns=s.turns_n, missed=s.missed_n, average_s=s.average_s,
        rating=s.rating,
        lines=[
            TalkLineOut(at=from_ms(line.at_ms), role=line.role, sender=line.sender, text=line.text)
            for line in talk.lines
        ],
    )  # fmt: skip
