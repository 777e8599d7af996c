"""HTTP of the day: rounds, averages, what may stay unanswered; which target holds when, and why."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop.model import local_date
from miaohui.shop.queries import get_policy, read_rulebook
from miaohui.shop.schemas.bounds import Day, Moment
from miaohui.sla import actions, queries
from miaohui.sla.model import RoundDefinition, promise_for, rules_of
from miaohui.sla.model.rounds import round_definition_of
from miaohui.sla.model.waiting import waiting_labels_of
from miaohui.sla.schemas import (
    AgentFiguresOut,
    DuePreviewOut,
    FiguresOut,
    RebuiltOut,
    RoundOut,
    RoundsOut,
    TodayOut,
    WaitingLabelOut,
)

router = APIRouter(prefix="/api/sla", tags=["sla"])
Reader = Annotated[Caller, Depends(require("sla.read"))]
Keeper = Annotated[Caller, Depends(require("sla.manage"))]


def _definition(conn: Connection, shop_id: int, at: datetime) -> RoundDefinition:
    return round_definition_of(get_policy(conn, shop_id, "round_definition", at).value)


@router.get("/today", operation_id="get_sla_today", summary="今日轮次与可漏回数", responses=refusals())
async def get_today(
    caller: Reader, rt: Rt, on: Annotated[Day | None, Query(description="默认：今天")] = None
) -> TodayOut:
    """Return the day's rounds with "unanswered rounds we can still afford"; agents see their own row."""
    now = rt.clock.now()
    day = on or local_date(now)

    def read(conn: Connection) -> TodayOut:
        definition = _definition(conn, caller.shop_id, now)
        agents = queries.list_agent_figures(conn, caller.shop_id, day, definition)
        everybody = caller.can("inbox.read_all")
        return TodayOut(
            on_date=day,
            shop=FiguresOut(**queries.day_figures(conn, caller.shop_id, day, 0, definition)),
            agents=[
                AgentFiguresOut(agent_id=agent_id, **figures)
                for agent_id, figures in agents
                if everybody or agent_id == caller.user_id
            ],
            lost_count=queries.lost_count(conn, caller.shop_id, now, definition),
        )

    return await rt.read(read)


@router.get("/rounds", operation_id="list_rounds", summary="轮次明细", responses=refusals())
async def list_rounds(
    caller: Reader,
    rt: Rt,
    on: Annotated[Day | None, Query(description="默认：今天")] = None,
    agent_id: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RoundsOut:
    """Return the rounds behind a day's figure, the most expensive first; agents see their own."""
    day = on or local_date(rt.clock.now())
    whose = agent_id if caller.can("inbox.read_all") else caller.user_id
    rows = await rt.read(
        lambda conn: queries.list_rounds(conn, caller.shop_id, day, agent_id=whose, limit=limit)
    )
    return RoundsOut(on_date=day, items=[RoundOut.model_validate(row) for row in rows])


@router.get("/preview", operation_id="preview_target", summary="某时刻适用的回复目标", responses=refusals())
async def preview(
    caller: Reader,
    rt: Rt,
    at: Annotated[Moment | None, Query(description="默认：现在")] = None,
    group_id: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
) -> DuePreviewOut:
    """Return which target would hold for a message received at `at`, and why."""
    moment = at or rt.clock.now()

    def read(conn: Connection) -> DuePreviewOut:
        book = read_rulebook(conn, caller.shop_id, moment - timedelta(days=3))
        promise = dataclasses.asdict(promise_for(moment, rules_of(book, moment), group_id))
        labels = waiting_labels_of(book.policy("waiting_labels", moment))
        shown: dict[str, Any] = {k: v for k, v in promise.items() if k != "received_at"}
        return DuePreviewOut(
            at=moment, group_id=group_id, **shown,
            waiting_labels=[WaitingLabelOut(**dataclasses.asdict(label)) for label in labels],
        )  # fmt: skip

    return await rt.read(read)


@router.post(
    "/days/{on_date}/recount",
    operation_id="recount_day",
    summary="按明细重新统计某日",
    responses=refusals(),
)
async def recount(on_date: Day, caller: Keeper, rt: Rt) -> RebuiltOut:
    """Count a day again from its rounds; nothing changes when all is well."""
    count = await rt.write(caller.actor, lambda tx: actions.rebuild_day(tx, caller.shop_id, on_date))
    return RebuiltOut(on_date=on_date, round_count=count)
