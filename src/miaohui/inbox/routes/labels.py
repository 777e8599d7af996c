"""Labels over HTTP: what a shop calls its kinds of conversations."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from miaohui.inbox.actions import labels
from miaohui.inbox.model import LABEL_EXISTS
from miaohui.inbox.queries import work
from miaohui.inbox.routes.shapes import seen
from miaohui.inbox.schemas import (
    Ident,
    LabelChange,
    LabelIn,
    LabelOut,
    LabelsOut,
    OkOut,
)
from miaohui.kit.errors import NOT_FOUND, STALE
from miaohui.kit.http import Caller, Rt, refusals, require

router = APIRouter(prefix="/api", tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]
Keeper = Annotated[Caller, Depends(require("inbox.labels"))]
Bulker = Annotated[Caller, Depends(require("inbox.bulk"))]
ChannelReader = Annotated[Caller, Depends(require("channels.read"))]
Replayer = Annotated[Caller, Depends(require("jobs.replay"))]


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
