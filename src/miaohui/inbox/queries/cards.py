"""What cards a conversation may get, and whether its buyer was asked to rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.channels.model.parts import OrderCard, ProductCard
from miaohui.inbox.model.cards import (
    CARD_OF_OTHER_BUYER,
    CARD_OF_OTHER_PLATFORM,
    can_open,
    order_card,
    product_card,
)
from miaohui.inbox.queries.conversations import Conversation
from miaohui.kit.clock import from_ms
from miaohui.kit.db import Sql, raw_rows
from miaohui.kit.errors import NOT_FOUND
from miaohui.shop.queries.channels import get_account_row
from miaohui.trade import queries as trade

_INVITES = Sql(
    "SELECT id, state, received_ms FROM inbox_messages"
    " WHERE shop_id = ? AND conversation_id = ? AND kind = 'rating_invite' ORDER BY id"
)
_ANSWERED = Sql(
    "SELECT 1 FROM inbox_messages WHERE shop_id = ? AND conversation_id = ? AND role = 'agent'"
    " AND kind <> 'rating_invite' AND state = 'delivered' LIMIT 1"
)
_RATED = Sql("SELECT at FROM inbox_ratings WHERE shop_id = ? AND conversation_id = ? ORDER BY id LIMIT 1")


@dataclass(frozen=True)
class Invitation:
    """Where a conversation stands with its rating. `refused_count`: invitations that never arrived."""

    message_id: int | None
    invited_at: datetime | None
    rated_at: datetime | None
    is_answered: bool
    refused_count: int


def find_invitation(conn: Connection, shop_id: int, conversation_id: int) -> Invitation:
    """Return whether this conversation's buyer was asked to rate, and did."""
    sent = raw_rows(conn, _INVITES, (shop_id, conversation_id))
    alive = [row for row in sent if row[1] != "refused"]
    rated = raw_rows(conn, _RATED, (shop_id, conversation_id))
    return Invitation(
        alive[0][0] if alive else None,
        from_ms(alive[0][2]) if alive else None,
        from_ms(rated[0][0]) if rated else None,
        bool(raw_rows(conn, _ANSWERED, (shop_id, conversation_id))),
        len(sent) - len(alive),
    )


def get_order_card(conn: Connection, talk: Conversation, order_id: int) -> OrderCard:
    """Return the card of one of this buyer's orders.

    Raises: Refusal kit.not_found, inbox.card_of_other_buyer, inbox.card_of_other_platform.
    """
    row = trade.find_order(conn, talk.shop_id, order_id) or NOT_FOUND.refuse(order_id=order_id)
    if row["buyer_id"] != talk.buyer_id:
        CARD_OF_OTHER_BUYER.refuse(order_id=order_id)
    _check_platform(conn, talk, row["channel"])
    return order_card(row)


def get_product_card(conn: Connection, talk: Conversation, product_id: int) -> ProductCard:
    """Return the card of a product. Raises: Refusal kit.not_found, inbox.card_of_other_platform."""
    row = trade.get_product(conn, talk.shop_id, product_id)
    _check_platform(conn, talk, row["channel"])
    return product_card(row)


def list_cards(
    conn: Connection, talk: Conversation, text: str, limit: int
) -> dict[str, list[dict[str, Any]]]:
    """Return the buyer's orders and the shop's products (`text`: part of a title) that this window can open."""
    platform = _platform(conn, talk)
    orders = trade.list_orders_of_buyer(conn, talk.shop_id, talk.buyer_id, limit)
    products = trade.list_products(conn, talk.shop_id, text, limit)
    return {
        "orders": [
            {"order_id": row["id"], "card": order_card(row)}
            for row in orders
            if can_open(talk.channel, platform, row["channel"])
        ],
        "products": [
            {"product_id": row["id"], "card": product_card(row)}
            for row in products
            if can_open(talk.channel, platform, row["channel"])
        ],
    }


def _platform(conn: Connection, talk: Conversation) -> str:
    return str(get_account_row(conn, talk.shop_id, talk.account_id).config.get("platform", ""))


def _check_platform(conn: Connection, talk: Conversation, source: str) -> None:
    if not can_open(talk.channel, _platform(conn, talk), source):
        CARD_OF_OTHER_PLATFORM.refuse(channel=source)
