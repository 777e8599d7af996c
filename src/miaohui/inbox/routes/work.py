"""What people keep around conversations, over HTTP: labels, views, drafts, mentions, bulk, deliveries."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from miaohui.inbox.actions import drafts, labels
from miaohui.inbox.actions.conversation import assign_conversation, close_conversation
from miaohui.inbox.actions.deliveries import replay_delivery
from miaohui.inbox.model import LABEL_EXISTS
from miaohui.inbox.queries import work
from miaohui.inbox.queries.conversations import check_visible
from miaohui.inbox.routes.shapes import cursor_of, seen
from miaohui.inbox.schemas import (
    BulkIn,
    BulkItem,
    BulkOut,
    DeliveriesOut,
    DeliveryOut,
    DraftIn,
    DraftOut,
    DraftsOut,
    Ident,
    LabelChange,
    LabelIn,
    LabelOut,
    LabelsOut,
    MentionOut,
    MentionsOut,
    OkOut,
    SilenceOut,
    SilencesOut,
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


# ---- labels


@router.get("/labels", operation_id="list_labels", summary="会话标签", responses=refusals())
async def list_labels(caller: Reader, rt: Rt) -> LabelsOut:
    """List the labels in use."""
    rows = await rt.read(lambda conn: work.list_labels(conn, caller.shop_id))
    return LabelsOut(items=[_label(row) for row in rows])


def _label(row: dict[str, Any]) -> LabelOut:
    return LabelOut(**{name: row[name] for name in ("id", "name_zh", "color", "version")})


@router.post(
    "/labels",
    operation_id="create_label",
    summary="新建标签",
    status_code=201,
    responses=refusals(LABEL_EXISTS),
)
async def create_label(body: LabelIn, caller: Keeper, rt: Rt) -> LabelOut:
    """Make a label."""
    label_id = await rt.write(
        caller.actor, lambda tx: labels.create_label(tx, caller.shop_id, body.name_zh, body.color)
    )
    return await _read_label(caller, rt, label_id)


async def _read_label(caller: Caller, rt: Rt, label_id: int) -> LabelOut:
    rows = await rt.read(lambda conn: work.list_labels(conn, caller.shop_id))
    found = next((row for row in rows if row["id"] == label_id), None)
    return _label(found) if found is not None else NOT_FOUND.refuse(label_id=label_id)


@router.put(
    "/labels/{label_id}",
    operation_id="change_label",
    summary="修改标签",
    responses=refusals(STALE, LABEL_EXISTS),
)
async def change_label(label_id: Ident, body: LabelChange, caller: Keeper, rt: Rt) -> LabelOut:
    """Rename or recolour a label."""
    what = (body.version, body.name_zh, body.color)
    await rt.write(caller.actor, lambda tx: labels.change_label(tx, caller.shop_id, label_id, *what))
    return await _read_label(caller, rt, label_id)


@router.delete("/labels/{label_id}", operation_id="retire_label", summary="停用标签", responses=refusals())
async def retire_label(label_id: Ident, caller: Keeper, rt: Rt) -> OkOut:
    """Take a label out of use; it stays where it was put."""
    await rt.write(caller.actor, lambda tx: labels.retire_label(tx, caller.shop_id, label_id))
    return OkOut()


@router.put(
    "/conversations/{conversation_id}/labels/{label_id}",
    operation_id="put_label",
    summary="打标签",
    responses=refusals(),
)
async def put_label(conversation_id: Ident, label_id: Ident, caller: Writer, rt: Rt) -> OkOut:
    """Put a label on a conversation."""
    act = seen(caller, conversation_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, labels.put_label, caller.shop_id, conversation_id, label_id)
    )
    return OkOut()


@router.delete(
    "/conversations/{conversation_id}/labels/{label_id}",
    operation_id="take_label",
    summary="去掉标签",
    responses=refusals(),
)
async def take_label(conversation_id: Ident, label_id: Ident, caller: Writer, rt: Rt) -> OkOut:
    """Take a label off a conversation."""
    act = seen(caller, conversation_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, labels.take_label, caller.shop_id, conversation_id, label_id)
    )
    return OkOut()


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
    view_id = await rt.write(
        caller.actor,
        lambda tx: drafts.save_view(tx, caller.shop_id, owner, body.name_zh, wanted, body.position),
    )
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
    act = seen(caller, conversation_id)
    version = await rt.write(
        caller.actor, lambda tx: act(tx, drafts.save_draft, key, body.text, body.parts, body.version)
    )
    return VersionOut(version=version)


@router.get("/mentions", operation_id="list_mentions", summary="提到我的备注", responses=refusals())
async def list_mentions(caller: Reader, rt: Rt) -> MentionsOut:
    """List the notes that mention the caller."""
    rows = await rt.read(lambda conn: work.list_mentions(conn, caller.shop_id, caller.user_id))
    return MentionsOut(items=[MentionOut(**row) for row in rows])


# ---- bulk


@router.post("/conversations/bulk", operation_id="act_on_many", summary="批量操作会话", responses=refusals())
async def act_on_many(body: BulkIn, caller: Bulker, rt: Rt) -> BulkOut:
    """Assign, close or label up to 200 conversations; each succeeds or fails for itself."""
    if body.action in ("label", "unlabel") and body.label_id is None:
        INVALID.refuse(problems=[{"where": "body.label_id", "problem": "required for this action"}])
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
        return BulkItem(
            conversation_id=conversation_id, is_done=False, code=refusal.code, message=refusal.kind.zh
        )
    return BulkItem(conversation_id=conversation_id, is_done=True)


def _do(tx: Tx, caller: Caller, body: BulkIn, conversation_id: int) -> None:
    shop_id = caller.shop_id
    match body.action:
        case "assign":
            to = (body.agent_id, body.group_id, body.reason, caller.user_id)
            assign_conversation(tx, shop_id, conversation_id, *to)
        case "close":
            close_conversation(tx, shop_id, conversation_id, body.reason, caller.user_id)
        case "label":
            labels.put_label(tx, shop_id, conversation_id, body.label_id or 0)
        case "unlabel":
            labels.take_label(tx, shop_id, conversation_id, body.label_id or 0)


# ---- deliveries that failed, channels that fell silent


@router.get(
    "/deliveries", operation_id="list_failed_deliveries", summary="处理失败的推送", responses=refusals()
)
async def list_deliveries(
    caller: ChannelReader,
    rt: Rt,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> DeliveriesOut:
    """List deliveries that could not be handled; nothing of them is lost."""
    place = cursor_of(cursor, (1,))
    rows = await rt.read(
        lambda conn: work.list_failed_deliveries(conn, caller.shop_id, limit, place[0] if place else None)
    )
    more = str(rows[-1]["id"]) if len(rows) == limit else None
    return DeliveriesOut(items=[DeliveryOut(**row) for row in rows], next_cursor=more)


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
