"""Cards of orders and products in a conversation, and the invitation to rate it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.channels.model.codec import encode_part
from miaohui.channels.model.parts import RatingInvite
from miaohui.inbox.actions.cards import CardWish, card_of, invite_rating, send_card
from miaohui.inbox.model import (
    CHANNEL_MISSING,
    CLIENT_ID_REUSED,
    CONVERSATION_CLOSED,
    PART_NOT_SUPPORTED,
    WINDOW_CLOSED,
    ReplyDraft,
)
from miaohui.inbox.model.cards import (
    ALREADY_INVITED,
    ALREADY_RATED,
    CARD_OF_OTHER_BUYER,
    CARD_OF_OTHER_PLATFORM,
    NOT_ANSWERED_YET,
)
from miaohui.inbox.queries.cards import find_invitation, list_cards
from miaohui.inbox.queries.conversations import check_visible, get_conversation
from miaohui.inbox.queries.messages import get_message
from miaohui.inbox.routes.sending import check_send
from miaohui.inbox.routes.shapes import message_out, seen, window_of
from miaohui.inbox.schemas import Ident, ReplyOut
from miaohui.inbox.schemas.cards import (
    CardChoicesOut,
    CardIn,
    OrderCardChoice,
    ProductCardChoice,
    RatingInvitationOut,
)
from miaohui.kit.errors import Refusal
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.runtime import Runtime

router = APIRouter(prefix="/api/conversations", tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]


@router.get(
    "/{conversation_id}/cards", operation_id="list_cards", summary="可发送的订单与商品卡片",
    responses=refusals(),
)  # fmt: skip
async def choices(
    conversation_id: Ident,
    caller: Writer,
    rt: Rt,
    q: Annotated[str, Query(max_length=64, description="商品标题中的字")] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> CardChoicesOut:
    """Return the buyer's orders and the shop's products that this conversation's window can open."""

    def read(conn: Connection) -> CardChoicesOut:
        check_visible(conn, caller, conversation_id)
        talk = get_conversation(conn, caller.shop_id, conversation_id)
        sender, _ = window_of(rt, conn, talk)
        able = frozenset() if sender is None else sender.caps.parts_out
        can_order, can_product = "order_card" in able, "product_card" in able
        found = list_cards(conn, talk, q, limit) if can_order or can_product else {}
        why = None if can_order or can_product else PART_NOT_SUPPORTED if sender else CHANNEL_MISSING
        return CardChoicesOut(
            can_send_order=can_order,
            can_send_product=can_product,
            reason_zh=why.zh if why else "",
            reason_en=why.en if why else "",
            orders=[_shown(OrderCardChoice, one) for one in found.get("orders", []) if can_order],
            products=[_shown(ProductCardChoice, one) for one in found.get("products", []) if can_product],
        )

    return await rt.read(read)


def _shown(shape: Any, found: dict[str, Any]) -> Any:
    return shape.model_validate({**found, "card": encode_part(found["card"])})


@router.post(
    "/{conversation_id}/cards",
    operation_id="send_card",
    summary="发送订单或商品卡片",
    status_code=202,
    responses=refusals(
        CONVERSATION_CLOSED, CLIENT_ID_REUSED, WINDOW_CLOSED, PART_NOT_SUPPORTED, CHANNEL_MISSING,
        CARD_OF_OTHER_BUYER, CARD_OF_OTHER_PLATFORM,
    ),
)  # fmt: skip
async def send(conversation_id: Ident, body: CardIn, caller: Writer, rt: Rt) -> ReplyOut:
    """Queue a card of one of the buyer's orders or of a product. The same `client_id` again sends nothing.

    Refused with `inbox.part_not_supported` where the channel has no such card.
    """
    wish = CardWish("order", body.order_id) if body.order_id else CardWish("product", body.product_id or 0)

    def check(conn: Connection) -> None:
        check_visible(conn, caller, conversation_id)
        talk = get_conversation(conn, caller.shop_id, conversation_id)
        draft = ReplyDraft((card_of(conn, talk, wish),))
        check_send(rt, conn, caller, conversation_id, draft, body.client_id)

    await rt.read(check)
    act = seen(caller, conversation_id)
    to = (caller.shop_id, conversation_id, wish, caller.user_id, body.client_id)
    message_id = await rt.write(caller.actor, lambda tx: act(tx, send_card, *to))
    return await _queued(rt, caller, message_id)


@router.get(
    "/{conversation_id}/rating-invitation", operation_id="get_rating_invitation", summary="能否邀请评价",
    responses=refusals(),
)  # fmt: skip
async def invitation(conversation_id: Ident, caller: Reader, rt: Rt) -> RatingInvitationOut:
    """Return whether the buyer may be asked to rate, why not, and whether that was done."""

    def read(conn: Connection) -> RatingInvitationOut:
        check_visible(conn, caller, conversation_id)
        found = find_invitation(conn, caller.shop_id, conversation_id)
        why = _why_not(rt, conn, caller, conversation_id)
        return RatingInvitationOut(
            can_invite=why is None,
            code=why.code if why else "",
            reason_zh=why.kind.zh if why else "",
            reason_en=why.kind.en if why else "",
            invited_at=found.invited_at,
            message_id=found.message_id,
            rated_at=found.rated_at,
        )

    return await rt.read(read)


def _why_not(rt: Runtime, conn: Connection, caller: Caller, conversation_id: int) -> Refusal | None:
    """Return what POST would answer, None when it would invite."""
    found = find_invitation(conn, caller.shop_id, conversation_id)
    if found.rated_at is not None:
        return ALREADY_RATED.error()
    if found.invited_at is not None:
        return ALREADY_INVITED.error()
    if not get_conversation(conn, caller.shop_id, conversation_id).is_open:
        return CONVERSATION_CLOSED.error()
    if not found.is_answered:
        return NOT_ANSWERED_YET.error()
    try:
        check_send(rt, conn, caller, conversation_id, ReplyDraft((RatingInvite(),)), "")
    except Refusal as refusal:
        return refusal
    return None


@router.post(
    "/{conversation_id}/rating-invitation",
    operation_id="invite_rating",
    summary="邀请买家评价（每次会话一次）",
    status_code=202,
    responses=refusals(
        CONVERSATION_CLOSED, WINDOW_CLOSED, PART_NOT_SUPPORTED, CHANNEL_MISSING, ALREADY_INVITED, ALREADY_RATED,
        NOT_ANSWERED_YET,
    ),
)  # fmt: skip
async def invite(conversation_id: Ident, caller: Writer, rt: Rt) -> ReplyOut:
    """Ask the buyer to rate this conversation: once in a conversation, after somebody has answered."""
    draft = ReplyDraft((RatingInvite(),))
    await rt.read(lambda conn: check_send(rt, conn, caller, conversation_id, draft, ""))
    act = seen(caller, conversation_id)
    message_id = await rt.write(
        caller.actor, lambda tx: act(tx, invite_rating, caller.shop_id, conversation_id, caller.user_id)
    )
    return await _queued(rt, caller, message_id)


async def _queued(rt: Runtime, caller: Caller, message_id: int) -> ReplyOut:
    found = await rt.read(lambda conn: get_message(conn, caller.shop_id, message_id))
    return ReplyOut(message=message_out(rt, found))
