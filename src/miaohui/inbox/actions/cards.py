"""Send an order or a product as a card; ask the buyer once to rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy.engine import Connection

from miaohui.channels.model import Part
from miaohui.channels.model.parts import RatingInvite
from miaohui.inbox.actions.reply import reply
from miaohui.inbox.model import CLIENT_ID_REUSED, ReplyDraft
from miaohui.inbox.model.cards import (
    ALREADY_INVITED,
    ALREADY_RATED,
    INVITE_CLIENT_ID,
    INVITE_TEXT_ZH,
    NOT_ANSWERED_YET,
)
from miaohui.inbox.queries.cards import find_invitation, get_order_card, get_product_card
from miaohui.inbox.queries.conversations import Conversation, get_conversation
from miaohui.inbox.store.messages import FIND_BY_CLIENT, READ_TEXT
from miaohui.kit.tx import Tx

CardKind = Literal["order", "product"]
_NAMES = {"order": ("order_card", "order_id"), "product": ("product_card", "product_id")}


@dataclass(frozen=True)
class CardWish:
    """Which card is wanted: `row_id` is our own id of the order or product."""

    kind: CardKind
    row_id: int


def card_of(conn: Connection, talk: Conversation, wish: CardWish) -> Part:
    """Return the card as a message part.

    Raises: Refusal kit.not_found, inbox.card_of_other_buyer, inbox.card_of_other_platform.
    """
    get = get_order_card if wish.kind == "order" else get_product_card
    return get(conn, talk, wish.row_id)


def send_card(
    tx: Tx, shop_id: int, conversation_id: int, wish: CardWish, agent_id: int | None, client_id: str
) -> int:
    """Queue one card and return its message id; the same `client_id` again returns the same message.

    The card shows the order or product as it is mirrored now; it is not changed afterwards. Whether the channel
    can send it is asked by the route before and by the job right before sending.
    Raises: Refusal kit.not_found, inbox.card_of_other_buyer, inbox.card_of_other_platform,
    inbox.conversation_closed, inbox.client_id_reused.
    """
    talk = get_conversation(tx.conn, shop_id, conversation_id)
    card = card_of(tx.conn, talk, wish)
    before = tx.rows(FIND_BY_CLIENT, shop_id, conversation_id, client_id)
    if before:  # the order may have moved on since: the same card is known by its number, not by its state
        _check_same(tx, shop_id, before[0][0], wish.kind, card)
        return int(before[0][0])
    name = _NAMES[wish.kind][1]
    draft = ReplyDraft((card,), refs={name: getattr(card, name)})
    return reply(tx, shop_id, conversation_id, draft, agent_id, client_id)


def _check_same(tx: Tx, shop_id: int, message_id: int, kind: CardKind, card: Part) -> None:
    part_type, name = _NAMES[kind]
    (stored,) = tx.rows(READ_TEXT, message_id, shop_id)
    said = msgspec.json.decode(stored[1])
    if [(part.get("type"), part.get(name)) for part in said] != [(part_type, getattr(card, name))]:
        CLIENT_ID_REUSED.refuse(message_id=message_id)


def invite_rating(tx: Tx, shop_id: int, conversation_id: int, agent_id: int | None) -> int:
    """Ask the buyer to rate this conversation, once; returns the message id. It stops no reply clock.

    An invitation that the platform refused may be repeated; one whose outcome is unknown may not.
    Raises: Refusal kit.not_found, inbox.conversation_closed, inbox.already_rated, inbox.already_invited,
    inbox.not_answered_yet.
    """
    get_conversation(tx.conn, shop_id, conversation_id)
    found = find_invitation(tx.conn, shop_id, conversation_id)
    if found.rated_at is not None:
        ALREADY_RATED.refuse(rated_at=found.rated_at.isoformat())
    if found.invited_at is not None:
        ALREADY_INVITED.refuse(invited_at=found.invited_at.isoformat(), message_id=found.message_id)
    if not found.is_answered:
        NOT_ANSWERED_YET.refuse()
    draft = ReplyDraft((RatingInvite(INVITE_TEXT_ZH),))
    # The name is unique in the conversation: two clerks who press at once make one invitation.
    client_id = f"{INVITE_CLIENT_ID}:{found.refused_count}"
    return reply(tx, shop_id, conversation_id, draft, agent_id, client_id)
