"""HTTP of running clocks: what burns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.inbox.queries.conversations import check_visible
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.errors import INVALID
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.sla import queries
from miaohui.sla.model.waiting import SlowReply
from miaohui.sla.queries.clocks import seen_by
from miaohui.sla.schemas import (
    ClockCountsOut,
    ClockOut,
    ClocksOut,
    ConversationClockOut,
    RetargetOut,
    RowId,
    SlowRepliesOut,
    SlowReplyOut,
)

router = APIRouter(prefix="/api/clocks", tags=["sla"])
Reader = Annotated[Caller, Depends(require("sla.read"))]


def _only(caller: Caller, mine: bool) -> Any:
    """Return what limits the list: one's own, one's groups', or nothing for who sees the whole shop."""
    if mine:
        return seen_by(caller.user_id, (), own_only=True)
    return None if caller.can("inbox.read_all") else seen_by(caller.user_id, caller.group_ids or ())


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    """Return where a list goes on. Raises: Refusal kit.invalid for a cursor that we did not make."""
    if cursor is None:
        return None
    due_ms, _, clock_id = cursor.partition(".")
    if not (due_ms.isdecimal() and clock_id.isdecimal() and len(due_ms) < 15 and len(clock_id) < 17):
        INVALID.refuse(cursor=cursor[:40])
    return from_ms(int(due_ms)), int(clock_id)


@router.get("", operation_id="list_clocks", summary="正在计时的会话", responses=refusals())
async def list_clocks(
    caller: Reader,
    rt: Rt,
    mine: Annotated[bool, Query(description="只看自己的")] = False,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ClocksOut:
    """Return running clocks by their deadline: what burns first at the top."""
    after, only = _after(cursor), _only(caller, mine)

    def read(conn: Connection) -> tuple[list[Any], dict[str, int]]:
        rows = queries.list_open_clocks(conn, caller.shop_id, limit=limit, after=after, only=only)
        return rows, queries.count_open(conn, caller.shop_id, only)

    rows, counts = await rt.read(read)
    last = rows[-1] if len(rows) == limit else None
    return ClocksOut(
        items=[ClockOut.model_validate(row) for row in rows],
        next_cursor=f"{to_ms(last.due_at)}.{last.id}" if last is not None else None,
        counts=ClockCountsOut(**counts),
        now=rt.clock.now(),
    )


@router.get("/slow-replies", operation_id="list_slow_replies", summary="慢响应提醒", responses=refusals())
async def list_slow_replies(caller: Reader, rt: Rt) -> SlowRepliesOut:
    """Return the pop-up of each agent with waits of 100 s and more; agents see their own."""
    now = rt.clock.now()
    found = await rt.read(lambda conn: queries.list_slow_replies(conn, caller.shop_id, now))
    everybody = caller.can("inbox.read_all")
    return SlowRepliesOut(
        items=[
            _slow(agent_id, reply)
            for agent_id, reply in sorted(found.items(), key=lambda pair: pair[1].waiting_since)
            if everybody or agent_id == caller.user_id
        ]
    )


def _slow(agent_id: int, reply: SlowReply) -> SlowReplyOut:
    return SlowReplyOut(
        agent_id=agent_id, conversation_id=reply.conversation_id, waiting_since=reply.waiting_since,
        count=reply.count, conversation_ids=list(reply.conversation_ids[:200]),
    )  # fmt: skip


@router.get(
    "/conversations/{conversation_id}",
    operation_id="get_conversation_clock",
    summary="会话的计时与原因",
    responses=refusals(),
)
async def get_conversation_clock(conversation_id: RowId, caller: Reader, rt: Rt) -> ConversationClockOut:
    """Return the clock of one conversation with its reason and every change of its deadline."""

    def read(conn: Connection) -> tuple[Any, list[Any]]:
        check_visible(conn, caller, conversation_id)
        clock = queries.find_open_clock(conn, caller.shop_id, conversation_id)
        return clock, queries.list_retargets(conn, caller.shop_id, clock.id) if clock is not None else []

    clock, retargets = await rt.read(read)
    return ConversationClockOut(
        clock=ClockOut.model_validate(clock) if clock is not None else None,
        retargets=[RetargetOut.model_validate(row) for row in retargets],
        now=rt.clock.now(),
    )
