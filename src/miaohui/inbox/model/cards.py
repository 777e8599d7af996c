"""Orders and products as cards of a message, and when a buyer may be asked to rate. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.channels.model.parts import OrderCard, ProductCard
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import RefusalKind
from miaohui.trade.model.facts import ORDER_STATUS_ZH, OrderStatus

CARD_OF_OTHER_BUYER = RefusalKind(
    "inbox.card_of_other_buyer",
    409,
    "该订单不属于这位买家，不能发送；请先核对并关联订单",
    "This order is not the buyer's: check it and link it first",
)
CARD_OF_OTHER_PLATFORM = RefusalKind(
    "inbox.card_of_other_platform",
    409,
    "该订单或商品来自其他平台，此渠道无法打开",
    "This order or product belongs to another platform: this channel cannot open it",
)
ALREADY_INVITED = RefusalKind(
    "inbox.already_invited",
    409,
    "本次会话已邀请过评价，每次会话只能邀请一次",
    "The buyer was already asked to rate this conversation: once is all there is",
)
ALREADY_RATED = RefusalKind(
    "inbox.already_rated", 409, "买家已经评价过本次会话", "The buyer has rated this conversation"
)
NOT_ANSWERED_YET = RefusalKind(
    "inbox.not_answered_yet",
    409,
    "还没有人工回复过买家，请先回复再邀请评价",
    "Nobody has answered this buyer yet: answer before you ask for a rating",
)

INVITE_TEXT_ZH = "请为本次服务评分，您的意见对我们很重要。"
INVITE_CLIENT_ID = "rating-invitation"
# Where a platform's own window opens cards: only those of the same platform (channels.md §6.1).
OPENS: Mapping[str, frozenset[str]] = {
    "feige": frozenset({"doudian", "bridge"}),
    "qianniu": frozenset({"tmall", "bridge"}),
    "dongdong": frozenset({"jd", "bridge"}),
}


def can_open(channel: str, platform: str, source: str) -> bool:
    """Tell whether a conversation's window can open a card of `source` (the channel that an order came from)."""
    return channel != "bridge" or platform not in OPENS or source in OPENS[platform]


def order_card(row: Mapping[str, Any]) -> OrderCard:
    """Return the card of a mirrored order: what the buyer bought first stands for all of it."""
    items = row.get("items") or []
    first = items[0] if items else {}
    count = sum(int(item.get("item_count") or 0) for item in items)
    title = str(first.get("product_name") or "")
    status = row.get("status")
    placed = row.get("placed_at")
    return OrderCard(
        str(row["platform_order_id"]),
        f"{title} 等 {count} 件" if title and len(items) > 1 else title,
        row.get("pay_fen"),
        ORDER_STATUS_ZH[OrderStatus(status)] if status else "",
        str(first.get("product_image_url") or ""),
        count,
        to_ms(placed) if placed is not None else None,
    )


def product_card(row: Mapping[str, Any]) -> ProductCard:
    """Return the card of a mirrored product; without a price of its own it shows the lowest of its variants."""
    prices = [sku["price_fen"] for sku in row.get("skus") or [] if sku.get("price_fen") is not None]
    price = row.get("price_fen")
    return ProductCard(
        str(row["platform_product_id"]),
        str(row.get("title") or ""),
        price if price is not None else min(prices, default=None),
        str(row.get("image_url") or ""),
    )
