"""What can be done to a conversation over HTTP: transfer, close, reopen, rank, sleep, note, read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from miaohui.inbox.actions import conversation as talks
from miaohui.inbox.actions.notes import add_note, see_mentions
from miaohui.inbox.actions.reads import read_conversation
from miaohui.inbox.actions.snooze import snooze_conversation, wake
from miaohui.inbox.model import (
    BUYER_BACK,
    CONVERSATION_CLOSED,
    EMPTY_REPLY,
    NOT_CLOSED,
    SNOOZE_IN_PAST,
    TAKEN,
)
from miaohui.inbox.queries import work
from miaohui.inbox.queries.conversations import check_visible
from miaohui.inbox.queries.known import check_colleagues, check_target
from miaohui.inbox.routes.shapes import fit, seen
from miaohui.inbox.schemas import (
    AssignmentIn,
    ClosureIn,
    Ident,
    NoteIn,
    NoteOut,
    OkOut,
    PriorityIn,
    ReopeningIn,
    SnoozeIn,
)
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api/conversations", tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]
Assigner = Annotated[Caller, Depends(require("inbox.assign"))]
Noter = Annotated[Caller, Depends(require("inbox.note"))]


@router.post(
    "/{conversation_id}/assignment",
    operation_id="assign_conversation",
    summary="转接会话",
    responses=refusals(CONVERSATION_CLOSED, TAKEN),
)
async def assign(conversation_id: Ident, body: AssignmentIn, caller: Assigner, rt: Rt) -> OkOut:
    """Transfer to an agent or a group; without an agent it goes back to the group's queue."""
    to = (body.agent_id, body.group_id)

    def write(tx: Tx) -> None:
        check_visible(tx.conn, caller, conversation_id)
        check_target(tx.conn, caller.shop_id, *to)
        talks.assign_conversation(tx, caller.shop_id, conversation_id, *to, body.reason, caller.user_id)

    await rt.write(caller.actor, write)
    return OkOut()


@router.post(
    "/{conversation_id}/closure",
    operation_id="close_conversation",
    summary="结束会话",
    responses=refusals(),
)
async def close(conversation_id: Ident, body: ClosureIn, caller: Writer, rt: Rt) -> OkOut:
    """End a conversation."""
    act = seen(caller, conversation_id)
    why = (body.reason, caller.user_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, talks.close_conversation, caller.shop_id, conversation_id, *why)
    )
    return OkOut()


@router.post(
    "/{conversation_id}/reopening",
    operation_id="reopen_conversation",
    summary="重新打开会话",
    responses=refusals(NOT_CLOSED, BUYER_BACK),
)
async def reopen(conversation_id: Ident, body: ReopeningIn, caller: Writer, rt: Rt) -> OkOut:
    """Take a closed conversation up again; the caller has it."""
    act = seen(caller, conversation_id)
    why = (body.reason, caller.user_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, talks.reopen_conversation, caller.shop_id, conversation_id, *why)
    )
    return OkOut()


@router.put(
    "/{conversation_id}/priority", operation_id="set_priority", summary="调整优先级", responses=refusals()
)
async def prioritise(conversation_id: Ident, body: PriorityIn, caller: Assigner, rt: Rt) -> OkOut:
    """Rank a conversation: 0 normal, higher burns more."""
    act = seen(caller, conversation_id)
    what = (body.priority, body.reason, caller.user_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, talks.set_priority, caller.shop_id, conversation_id, *what)
    )
    return OkOut()


@router.put(
    "/{conversation_id}/snooze",
    operation_id="snooze_conversation",
    summary="稍后处理",
    responses=refusals(CONVERSATION_CLOSED, SNOOZE_IN_PAST),
)
async def snooze(conversation_id: Ident, body: SnoozeIn, caller: Writer, rt: Rt) -> OkOut:
    """Put a conversation to sleep until a time; the buyer's next word wakes it."""
    act = seen(caller, conversation_id)
    until = body.until
    await rt.write(
        caller.actor,
        lambda tx: act(tx, snooze_conversation, caller.shop_id, conversation_id, until, caller.user_id),
    )
    return OkOut()


@router.delete(
    "/{conversation_id}/snooze",
    operation_id="wake_conversation",
    summary="取消稍后处理",
    responses=refusals(),
)
async def unsnooze(conversation_id: Ident, caller: Writer, rt: Rt) -> OkOut:
    """Wake a sleeping conversation now."""
    act = seen(caller, conversation_id)
    await rt.write(caller.actor, lambda tx: act(tx, wake, caller.shop_id, conversation_id, "agent"))
    return OkOut()


@router.post(
    "/{conversation_id}/notes",
    operation_id="add_note",
    summary="写内部备注",
    status_code=201,
    responses=refusals(EMPTY_REPLY),
)
async def note(conversation_id: Ident, body: NoteIn, caller: Noter, rt: Rt) -> NoteOut:
    """Write a private note; mentioned people are told."""

    def write(tx: Tx) -> int:
        check_visible(tx.conn, caller, conversation_id)
        check_colleagues(tx.conn, caller.shop_id, body.mentioned_user_ids)
        return add_note(tx, caller.shop_id, conversation_id, body.text, body.mentioned_user_ids)

    note_id = await rt.write(caller.actor, write)
    found = await rt.read(lambda conn: work.list_notes(conn, caller.shop_id, conversation_id))
    return fit(NoteOut, [row for row in found if row["id"] == note_id])[0]  # type: ignore[no-any-return]


@router.post(
    "/{conversation_id}/reads", operation_id="read_conversation", summary="标记已读", responses=refusals()
)
async def mark_read(conversation_id: Ident, caller: Reader, rt: Rt) -> OkOut:
    """Note that the caller has read the conversation and the notes that mention them."""
    act = seen(caller, conversation_id)
    shop_id, user_id = caller.shop_id, caller.user_id

    def read(tx: Any) -> None:
        act(tx, read_conversation, shop_id, conversation_id, user_id)
        see_mentions(tx, shop_id, user_id, conversation_id)

    await rt.write(caller.actor, read)
    return OkOut()
