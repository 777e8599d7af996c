"""HTTP of the queue and of what people do by hand: claim, transfer, take over, reassign."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.inbox.queries.conversations import check_visible
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import INVALID, NOT_FOUND, STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.tx import Tx
from miaohui.routing import actions, queries
from miaohui.routing.model import (
    ALREADY_OWNED,
    CLAIM_OFFLINE,
    FULL,
    NOT_ROUTED,
    NOT_YOURS,
    SAME_OWNER,
    TARGET_MISSING,
    TARGET_OFFLINE,
    needs_from_key,
)
from miaohui.routing.schemas import (
    BoostIn,
    DecisionOut,
    EstimateOut,
    ItemResultOut,
    QueuePage,
    ReassignmentIn,
    ReassignmentOut,
    RoutingOut,
    RowId,
    TakeoverIn,
    TransferIn,
    WaitingOut,
)
from miaohui.staff.model import AGENT_MISSING, GROUP_MISSING

router = APIRouter(prefix="/api", tags=["routing"])
Reader = Annotated[Caller, Depends(require("routing.read"))]
Replier = Annotated[Caller, Depends(require("inbox.reply"))]
Assigner = Annotated[Caller, Depends(require("inbox.assign"))]
Supervisor = Annotated[Caller, Depends(require("routing.manage"))]


def _after(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    rank, _, conversation_id = cursor.partition("_")
    try:
        found = int(rank), int(conversation_id)
    except ValueError:
        INVALID.refuse(cursor=cursor[:80])
    if any(abs(part) >= 2**63 for part in found):
        INVALID.refuse(cursor=cursor[:80])
    return found


@router.get("/queue", summary="排队与留言", operation_id="list_queue", responses=refusals())
async def list_queue(
    caller: Reader,
    rt: Rt,
    state: Literal["queued", "offline_message"] = "queued",
    group_id: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=60)] = None,
) -> QueuePage:
    """What waits, the next one first: `queued` (排队) or `offline_message` (留言); all groups or one."""
    now, after = rt.clock.now(), _after(cursor)
    visible = None if caller.can("inbox.read_all") else (caller.group_ids or frozenset())

    def read(conn: Connection) -> QueuePage:
        found = queries.list_waiting(conn, caller.shop_id, state, group_id, after, limit)
        shown = [w for w in found if visible is None or w.group_id in visible]
        estimates = queries.estimates(conn, caller.shop_id, shown, now)
        last = found[-1] if len(found) == limit else None
        return QueuePage(
            items=[
                WaitingOut.of(w, needs_from_key(w.need), estimates[w.conversation_id], now) for w in shown
            ],
            next_cursor=f"{to_ms(last.rank_at)}_{last.conversation_id}" if last else None,
        )

    return await rt.read(read)


def _routing(conn: Connection, rt: Rt, shop_id: int, conversation_id: int) -> RoutingOut:
    chat = queries.find_chat(conn, shop_id, conversation_id)
    place = queries.find_place(conn, shop_id, conversation_id, rt.clock.now())
    decisions = queries.list_decisions(conn, shop_id, conversation_id)
    if chat is None and not decisions:
        NOT_FOUND.refuse(conversation_id=conversation_id)
    return RoutingOut(
        conversation_id=conversation_id, state=chat.state if chat else "closed",
        agent_id=chat.agent_id if chat else None, group_id=chat.group_id if chat else None,
        version=chat.version if chat else None, moves=chat.moves if chat else 0,
        retransfer_at=chat.retransfer_at if chat else None, place=EstimateOut.of(place) if place else None,
        items=[DecisionOut.of(found) for found in decisions],
    )  # fmt: skip


@router.get(
    "/conversations/{conversation_id}/routing", summary="为什么分给他：分流决策与理由",
    operation_id="get_conversation_routing", responses=refusals(),
)  # fmt: skip
async def get_routing(caller: Reader, rt: Rt, conversation_id: RowId) -> RoutingOut:
    """Every decision about a conversation: who got it and why, and why not the others."""

    def read(conn: Connection) -> RoutingOut:
        check_visible(conn, caller, conversation_id)
        return _routing(conn, rt, caller.shop_id, conversation_id)

    return await rt.read(read)


async def _done(caller: Caller, rt: Rt, conversation_id: int) -> RoutingOut:
    return await rt.read(lambda conn: _routing(conn, rt, caller.shop_id, conversation_id))


@router.post(
    "/conversations/{conversation_id}/claim", status_code=201, summary="领取排队会话或留言",
    operation_id="claim_conversation", responses=refusals(ALREADY_OWNED, CLAIM_OFFLINE, FULL, NOT_ROUTED),
)  # fmt: skip
async def claim(caller: Replier, rt: Rt, conversation_id: RowId) -> RoutingOut:
    """Take a waiting chat; of many who try at once exactly one gets it."""

    def write(tx: Tx) -> None:
        check_visible(tx.conn, caller, conversation_id)
        actions.note_heartbeat(tx, caller.shop_id, caller.user_id)
        actions.claim(tx, caller.shop_id, conversation_id, caller.user_id)

    await rt.write(caller.actor, write)
    return await _done(caller, rt, conversation_id)


@router.post(
    "/conversations/{conversation_id}/transfer", status_code=201, summary="转接给客服或客服组",
    operation_id="transfer_conversation",
    responses=refusals(
        GROUP_MISSING, NOT_ROUTED, NOT_YOURS, SAME_OWNER, STALE, TARGET_MISSING, TARGET_OFFLINE
    ),
)  # fmt: skip
async def transfer(caller: Assigner, rt: Rt, conversation_id: RowId, body: TransferIn) -> RoutingOut:
    """Pass a chat on, with a note for the next one; people on a break can receive it."""

    def write(tx: Tx) -> None:
        check_visible(tx.conn, caller, conversation_id)
        actions.transfer(
            tx, caller.shop_id, conversation_id, body.wanted(), is_supervisor=caller.can("routing.manage")
        )

    await rt.write(caller.actor, write)
    return await _done(caller, rt, conversation_id)


@router.post(
    "/conversations/{conversation_id}/takeover", status_code=201, summary="主管接管会话",
    operation_id="take_over_conversation", responses=refusals(NOT_ROUTED),
)  # fmt: skip
async def take_over(caller: Supervisor, rt: Rt, conversation_id: RowId, body: TakeoverIn) -> RoutingOut:
    """Have a chat oneself, whoever has it."""

    def write(tx: Tx) -> None:
        check_visible(tx.conn, caller, conversation_id)
        actions.take_over(tx, caller.shop_id, conversation_id, caller.user_id, body.note)

    await rt.write(caller.actor, write)
    return await _done(caller, rt, conversation_id)


@router.post(
    "/conversations/{conversation_id}/boosts",
    status_code=201,
    summary="排队提前（VIP、投诉风险、即将超时）",
    operation_id="boost_conversation",
    responses=refusals(NOT_ROUTED),
)
async def boost(caller: Supervisor, rt: Rt, conversation_id: RowId, body: BoostIn) -> RoutingOut:
    """Let a waiting chat go ahead by the head start that the rules give for this reason."""

    def write(tx: Tx) -> None:
        check_visible(tx.conn, caller, conversation_id)
        actions.reprioritise(tx, caller.shop_id, conversation_id, body.boost)

    await rt.write(caller.actor, write)
    return await _done(caller, rt, conversation_id)


@router.post(
    "/reassignments", status_code=201, summary="下班批量转移会话", operation_id="reassign_conversations",
    responses=refusals(AGENT_MISSING, GROUP_MISSING),
)  # fmt: skip
async def reassign(caller: Supervisor, rt: Rt, body: ReassignmentIn) -> ReassignmentOut:
    """Pass on somebody's chats, each with its own result."""
    results = await rt.write(caller.actor, lambda tx: actions.reassign(tx, caller.shop_id, body.wanted()))
    load = await rt.read(lambda conn: queries.count_load(conn, caller.shop_id))
    return ReassignmentOut(
        items=[ItemResultOut(**r.__dict__) for r in results], remaining_count=load.get(body.from_user_id, 0)
    )
