"""HTTP of presence: one's own, the room board, the state log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from sqlalchemy.engine import Connection

from miaohui.kit.errors import FORBIDDEN
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.routing import actions, queries
from miaohui.routing.actions import PresenceChange
from miaohui.routing.model import BAD_SPAN, IN_PROGRESS, NOT_AN_AGENT, PRESENCE_ZH, QUEUED, Presence
from miaohui.routing.model import seconds_by_state as totals_of
from miaohui.routing.queries import QueueCount, Room
from miaohui.routing.schemas import (
    PresenceIn,
    QueueCountOut,
    RoomOut,
    RowId,
    SeatOut,
    SpanOut,
    StandingOut,
    StateLogOut,
)
from miaohui.staff import queries as staff_queries
from miaohui.staff.model import AGENT_MISSING

router = APIRouter(prefix="/api", tags=["routing"])
Reader = Annotated[Caller, Depends(require("routing.read"))]
Present = Annotated[Caller, Depends(require("routing.presence"))]
Supervisor = Annotated[Caller, Depends(require("routing.manage"))]
MAX_SPAN = timedelta(days=62)


def _standing(conn: Connection, shop_id: int, user_id: int) -> StandingOut:
    found = queries.find_standing(conn, shop_id, user_id)
    alive = queries.find_alive_until(conn, shop_id, user_id)
    if found is None:
        return StandingOut(
            user_id=user_id, presence=Presence.OFFLINE, state=Presence.OFFLINE, since_at=None,
            unreachable_at=None, alive_until_at=None,
        )  # fmt: skip
    return StandingOut(
        user_id=user_id, presence=found.presence, state=found.state, since_at=found.since_at,
        unreachable_at=found.unreachable_at, alive_until_at=alive,
    )  # fmt: skip


async def _set(rt: Rt, caller: Caller, user_id: int, body: PresenceIn) -> StandingOut:
    change = PresenceChange(body.presence, body.handover, body.reason)
    await rt.write(caller.actor, lambda tx: actions.set_presence(tx, caller.shop_id, user_id, change))
    return await rt.read(lambda conn: _standing(conn, caller.shop_id, user_id))


@router.put(
    "/presence", summary="切换自己的状态（在线/小休/离线）", operation_id="set_presence",
    responses=refusals(IN_PROGRESS, NOT_AN_AGENT),
)  # fmt: skip
async def set_presence(caller: Present, rt: Rt, body: PresenceIn) -> StandingOut:
    """Go online, on a break, or offline; offline is refused while chats are in progress, unless handed over."""
    return await _set(rt, caller, caller.user_id, body)


@router.put(
    "/agents/{user_id}/presence", summary="主管设置客服状态", operation_id="set_agent_presence",
    responses=refusals(IN_PROGRESS, NOT_AN_AGENT, AGENT_MISSING),
)  # fmt: skip
async def set_agent_presence(caller: Supervisor, rt: Rt, user_id: RowId, body: PresenceIn) -> StandingOut:
    """Set somebody else's presence, at a shift's end for instance."""
    await rt.read(lambda conn: staff_queries.get_agent(conn, caller.shop_id, user_id))
    return await _set(rt, caller, user_id, body)


@router.post(
    "/presence/heartbeats", status_code=201, summary="心跳（没有长连接的客户端）",
    operation_id="beat_presence", responses=refusals(),
)  # fmt: skip
async def beat(caller: Present, rt: Rt) -> StandingOut:
    """Tell that one is here; clients with a live socket need not."""
    await rt.write(caller.actor, lambda tx: actions.note_heartbeat(tx, caller.shop_id, caller.user_id))
    return await rt.read(lambda conn: _standing(conn, caller.shop_id, caller.user_id))


@router.get("/presence", summary="接待大盘", operation_id="get_presence", responses=refusals())
async def get_presence(caller: Reader, rt: Rt) -> RoomOut:
    """Everybody's state and load, and what waits."""
    now = rt.clock.now()

    def read(conn: Connection) -> RoomOut:
        room = queries.get_room(conn, caller.shop_id, now)
        counts = queries.count_waiting(conn, caller.shop_id)
        return RoomOut(
            is_open=room.is_open, server_at=now, items=_seats(room),
            queues=[_count(conn, caller.shop_id, count, now) for count in counts],
        )  # fmt: skip

    return await rt.read(read)


def _count(conn: Connection, shop_id: int, count: QueueCount, now: datetime) -> QueueCountOut:
    if count.state != QUEUED:
        return QueueCountOut.of(count, None)
    return QueueCountOut.of(count, queries.estimate_at(conn, shop_id, count.group_id, count.count + 1, now))


def _seats(room: Room) -> list[SeatOut]:
    found = []
    for seat in sorted(room.seats.values(), key=lambda s: (s.name, s.user_id)):
        standing = room.standings.get(seat.user_id)
        found.append(
            SeatOut(
                user_id=seat.user_id, name=seat.name, state=seat.state, state_zh=PRESENCE_ZH[seat.state],
                since_at=standing.since_at if standing else None, load=seat.load,
                unanswered_count=seat.unanswered, max_concurrency=seat.max_concurrency,
                capacity_now=room.capacity(seat.user_id), group_ids=sorted(seat.group_ids),
                last_placed_at=seat.last_placed_at,
            )
        )  # fmt: skip
    return found


@router.get(
    "/agents/{user_id}/state-log", summary="客服状态日志与时长", operation_id="get_state_log",
    responses=refusals(BAD_SPAN, AGENT_MISSING),
)  # fmt: skip
async def get_state_log(
    caller: Reader,
    rt: Rt,
    user_id: RowId,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
) -> StateLogOut:
    """A person's states, by default of the last 24 hours; one's own, or anybody's for supervisors."""
    if user_id != caller.user_id and not caller.can("routing.manage"):
        FORBIDDEN.refuse(permission="routing.manage")
    now = rt.clock.now()
    end = until or now
    start = since or end - timedelta(days=1)
    if not timedelta(0) < end - start <= MAX_SPAN:
        BAD_SPAN.refuse(since=start.isoformat(), until=end.isoformat())

    def read(conn: Connection) -> StateLogOut:
        if user_id != caller.user_id:
            staff_queries.get_agent(conn, caller.shop_id, user_id)
        spans = queries.list_state_spans(conn, caller.shop_id, user_id, start, end)
        return StateLogOut(
            user_id=user_id, since_at=start, until_at=end,
            seconds_by_state=totals_of(spans, start, end, now),
            items=[SpanOut.of(span, PRESENCE_ZH.get(span.state, span.state)) for span in spans],
        )  # fmt: skip

    return await rt.read(read)
