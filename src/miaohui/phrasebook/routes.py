"""HTTP of the phrasebook: the quick replies an agent may take."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.pinyin import reading
from miaohui.phrasebook import queries
from miaohui.phrasebook.schemas import QuickRepliesOut, QuickReplyOut

router = APIRouter(prefix="/api/quick-replies", tags=["phrasebook"])


@router.get("", operation_id="list_quick_replies", summary="快捷短语", responses=refusals())
async def list_quick_replies(
    caller: Annotated[Caller, Depends(require("phrasebook.read"))], rt: Rt
) -> QuickRepliesOut:
    """Return the quick replies that hold now, each with its reading."""
    now = rt.clock.now()
    found = await rt.read(lambda conn: queries.list_quick_replies(conn, caller.shop_id, now))
    read = await rt.in_thread(lambda: [reading(reply.title) for reply in found])
    return QuickRepliesOut(
        items=[
            QuickReplyOut(
                id=n, title=reply.title, text=reply.text, scene=reply.scene, shortcut=reply.shortcut,
                pinyin=full, initials=initials,
            )
            for n, (reply, (full, initials)) in enumerate(zip(found, read, strict=True), start=1)
        ]
    )  # fmt: skip
