"""What a buyer wrote, in clear: numbers of people are masked on every page until somebody asks with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from miaohui.inbox.actions.reveal import reveal_message
from miaohui.inbox.routes.shapes import seen
from miaohui.inbox.schemas import Ident
from miaohui.kit.http import Caller, Rt, Schema, refusals, require

router = APIRouter(prefix="/api/conversations/{conversation_id}/messages", tags=["inbox"])
Revealer = Annotated[Caller, Depends(require("buyers.reveal"))]


class MessageRevealIn(Schema):
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class RevealedOut(Schema):
    text: str


@router.post(
    "/{message_id}/reveals",
    operation_id="reveal_message",
    summary="查看消息原文（留审计）",
    responses=refusals(),
)
async def reveal(
    conversation_id: Ident, message_id: Ident, body: MessageRevealIn, caller: Revealer, rt: Rt
) -> RevealedOut:
    """Return a message as it was written; who looked and why stands in the audit log."""
    act = seen(caller, conversation_id)
    text = await rt.write(
        caller.actor,
        lambda tx: act(tx, reveal_message, caller.shop_id, conversation_id, message_id, body.reason),
    )
    return RevealedOut(text=text)
