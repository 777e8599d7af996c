"""Saved views, drafts, mentions, bulk actions over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from miaohui.inbox.actions import drafts, labels
from miaohui.inbox.actions.conversation import (
    assign_conversation,
    close_conversation,
    reopen_conversation,
)
from miaohui.inbox.actions.snooze import snooze_conversation, wake
from miaohui.inbox.queries import work
from miaohui.inbox.queries.conversations import check_visible, get_conversation
from miaohui.inbox.queries.known import check_files, check_filter, check_target
from miaohui.inbox.schemas import (
    BulkIn,
    BulkItem,
    BulkOut,
    DraftIn,
    DraftOut,
    DraftsOut,
    Ident,
    MentionOut,
    MentionsOut,
    OkOut,
    VersionOut,
    ViewChange,
    ViewIn,
    ViewOut,
    ViewsOut,
)
from miaohui.kit.errors import FORBIDDEN, INVALID, NOT_FOUND, STALE, Refusal
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api", tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]
Keeper = Annotated[Caller, Depends(require("inbox.labels"))]
Bulker = Annotated[Caller, Depends(require("inbox.bulk"))]
ChannelReader = Annotated[Caller, Depends(require("channels.read"))]
Replayer = Annotated[Caller, Depends(require("jobs.replay"))]


# ---- views


@router.get("/views", operation_id="list_views", summary="保存的视图", responses=refusals())
async def list_views(caller: Reader, rt: Rt) -> ViewsOut:
    """List the caller's views and the shop's."""
    rows = await rt.read(lambda conn: work.list_views(conn, caller.shop_id, caller.user_id))
    return ViewsOut(items=[_view(row) for row in rows])


def _view(row: dict[str, Any]) -> ViewOut:
    values = {name: row[name] for name in ("id", "name_zh", "filter", "position", "version")}
    return ViewOut(**values, is_shared=row["user_id"] is None)


@router.post("/views", operation_id="save_view", summary="保存视图", status_code=201, responses=refusals())
async def save_view(body: ViewIn, caller: Reader, rt: Rt) -> ViewOut:
    """Keep a filter under a name; sharing it with the shop takes the right to manage labels."""
    if body.is_shared and not caller.can("inbox.labels"):
        FORBIDDEN.refuse(permission="inbox.labels")
    owner = None if body.is_shared else caller.user_id
    wanted = body.filter.model_dump(mode="json")

    def save(tx: Tx) -> int:
        check_filter(tx.conn, caller.shop_id, wanted)
        return drafts.save_view(tx, caller.shop_id, owner, body.name_zh, wanted, body.position)

    view_id = await rt.write(caller.actor, save)
    return _view(await rt.read(lambda conn: work.get_view(conn, caller.shop_id, view_id)))


def _check_owner(tx: Tx, caller: Caller, view_id: int) -> None:
    owner = work.get_view(tx.conn, caller.shop_id, view_id)["user_id"]
    if owner is None and not caller.can("inbox.labels"):
        FORBIDDEN.refuse(permission="inbox.labels")
    if owner not in (None, caller.user_id):
        NOT_FOUND.refuse(view_id=view_id)


@router.put("/views/{view_id}", operation_id="change_view", summary="修改视图", responses=refusals(STALE))
async def change_view(view_id: Ident, body: ViewChange, caller: Reader, rt: Rt) -> ViewOut:
    """Change a saved view."""
    changes = body.model_dump(mode="json", exclude={"version"})

    def change(tx: Tx) -> None:
        _check_owner(tx, caller, view_id)
        check_filter(tx.conn, caller.shop_id, changes["filter"])
        drafts.change_view(tx, caller.shop_id, view_id, body.version, changes)

    await rt.write(caller.actor, change)
    return _view(await rt.read(lambda conn: work.get_view(conn, caller.shop_id, view_id)))


@router.delete("/views/{view_id}", operation_id="delete_view", summary="删除视图", responses=refusals())
async def delete_view(view_id: Ident, caller: Reader, rt: Rt) -> OkOut:
    """Remove a saved view."""

    def delete(tx: Tx) -> None:
        _check_owner(tx, caller, view_id)
        drafts.delete_view(tx, caller.shop_id, view_id)

    await rt.write(caller.actor, delete)
    return OkOut()


# ---- drafts, mentions


@router.get("/drafts", operation_id="list_drafts", summary="我的草稿", responses=refusals())
async def list_drafts(caller: Writer, rt: Rt) -> DraftsOut:
    """List what the caller has written but not sent."""
    rows = await rt.read(lambda conn: work.list_drafts(conn, caller.shop_id, caller.user_id))
    names = DraftOut.model_fields
    return DraftsOut(items=[DraftOut(**{n: row[n] for n in names}) for row in rows])


@router.put(
    "/conversations/{conversation_id}/draft",
    operation_id="save_draft",
    summary="保存草稿",
    responses=refusals(STALE),
)
async def save_draft(conversation_id: Ident, body: DraftIn, caller: Writer, rt: Rt) -> VersionOut:
    """Keep a draft; it survives a closed tab, and another tab's newer one is not lost."""
    key = (caller.shop_id, conversation_id, caller.user_id)

    def save(tx: Tx) -> int:
        check_visible(tx.conn, caller, conversation_id)
        check_files(tx.conn, caller.shop_id, conversation_id, body.parts)
        return drafts.save_draft(tx, key, body.text, body.parts, body.version)

    return VersionOut(version=await rt.write(caller.actor, save))


@router.get("/mentions", operation_id="list_mentions", summary="提到我的备注", responses=refusals())
async def list_mentions(caller: Reader, rt: Rt) -> MentionsOut:
    """List the notes that mention the caller."""
    rows = await rt.read(lambda conn: work.list_mentions(conn, caller.shop_id, caller.user_id))
    return MentionsOut(items=[MentionOut(**row) for row in rows])


# ---- bulk

NEEDED = {"assign": "inbox.assign"}  # everything else takes the right to answer
REQUIRED = {"label": "label_id", "unlabel": "label_id", "snooze": "until"}


@router.post("/conversations/bulk", operation_id="act_on_many", summary="批量操作会话", responses=refusals())
async def act_on_many(body: BulkIn, caller: Bulker, rt: Rt) -> BulkOut:
    """Assign, close, reopen, label or snooze up to 200 conversations; each succeeds or fails for itself."""
    permission = NEEDED.get(body.action, "inbox.reply")
    if not caller.can(permission):
        FORBIDDEN.refuse(permission=permission)
    field = REQUIRED.get(body.action)
    if field is not None and getattr(body, field) is None:
        INVALID.refuse(problems=[{"where": f"body.{field}", "problem": "required for this action"}])
    items = await rt.write(
        caller.actor, lambda tx: [_one(tx, caller, body, cid) for cid in dict.fromkeys(body.conversation_ids)]
    )
    return BulkOut(items=items, done_count=sum(item.is_done for item in items))


def _one(tx: Tx, caller: Caller, body: BulkIn, conversation_id: int) -> BulkItem:
    try:
        with tx.savepoint():
            check_visible(tx.conn, caller, conversation_id)
            _do(tx, caller, body, conversation_id)
    except Refusal as refusal:
        kind = refusal.kind
        return BulkItem(
            conversation_id=conversation_id,
            is_done=False,
            code=refusal.code,
            message=kind.zh,
            message_en=kind.en,
        )
    return BulkItem(conversation_id=conversation_id, is_done=True)


def _do(tx: Tx, caller: Caller, body: BulkIn, conversation_id: int) -> None:
    shop_id, why = caller.shop_id, (body.reason, caller.user_id)
    match body.action:
        case "assign":
            _assign(tx, caller, body, conversation_id)
        case "close":
            close_conversation(tx, shop_id, conversation_id, *why)
        case "reopen":
            reopen_conversation(tx, shop_id, conversation_id, *why)
        case "label":
            labels.put_label(tx, shop_id, conversation_id, body.label_id or 0)
        case "unlabel":
            labels.take_label(tx, shop_id, conversation_id, body.label_id or 0)
        case "snooze":
            snooze_conversation(tx, shop_id, conversation_id, body.until or tx.now, caller.user_id)
        case "wake":
            wake(tx, shop_id, conversation_id, "agent")


def _assign(tx: Tx, caller: Caller, body: BulkIn, conversation_id: int) -> None:
    """Give it to somebody; without a group it stays in its own, so that its group goes on seeing it.

    `no_group` takes it out of any: what an undo needs for a conversation that had none.
    """
    check_target(tx.conn, caller.shop_id, body.agent_id, body.group_id)
    group_id = body.group_id
    if group_id is None and not body.no_group:
        group_id = get_conversation(tx.conn, caller.shop_id, conversation_id).group_id
    to = (body.agent_id, group_id, body.reason, caller.user_id)
    assign_conversation(tx, caller.shop_id, conversation_id, *to)
