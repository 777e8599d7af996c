"""The tables that rows of files become, as data: fields, their keys, and what tells a newer version. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A fact table. `keys`: the business key within a shop; overlapping files meet there and nothing counts twice.

    `times`: fields whose latest value tells which of two versions of a row is newer. `order`: the field by which
    a period is found.
    """

    table: str
    name_zh: str
    keys: tuple[str, ...]
    fields: dict[str, str]
    times: tuple[str, ...]
    order: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every field, keys included, in column order."""
        return tuple(self.fields)


def _fields(text: str) -> dict[str, str]:
    return {name: kind for name, kind in (pair.split(":") for pair in text.split())}


ORDERS = Fact(
    "importing_orders", "订单", ("platform", "item_id"),
    _fields("platform:text item_id:text order_id:text product_id:text product:text sku:text quantity:int"
            " pay_fen:int price_fen:int freight_fen:int discount_fen:int platform_discount_fen:int"
            " shop_discount_fen:int creator_discount_fen:int created_ms:ms paid_ms:ms shipped_ms:ms"
            " finished_ms:ms promised_ship_ms:ms eta_ms:ms status:text order_type:text cancel_reason:text"
            " aftersale_status:text app_channel:text traffic_source:text traffic_kind:text content_form:text"
            " traffic_channel:text ad_channel:text creator_id:text creator:text province:text buyer_key:text"
            " buyer_note:text shop_note:text merchant_code:text extra:text"),
    ("finished_ms", "shipped_ms", "paid_ms", "created_ms"), "created_ms",
)  # fmt: skip
AFTERSALES = Fact(
    "importing_aftersales", "售后单", ("platform", "aftersale_id"),
    _fields("platform:text aftersale_id:text order_id:text item_id:text product_id:text product:text pay_fen:int"
            " refund_fen:int refund_freight_fen:int ship_status:text aftersale_type:text status:text"
            " applied_ms:ms agreed_ms:ms refunded_ms:ms arrived_ms:ms closed_ms:ms finished_ms:ms"
            " deadline_ms:ms order_paid_ms:ms reason:text reason_tag:text arbitration:text liable:text"
            " instant_refund:text refuse_refund:text buyer_note:text operator:text negotiation:text"
            " merchant_code:text store:text extra:text"),
    ("finished_ms", "closed_ms", "arrived_ms", "refunded_ms", "agreed_ms", "applied_ms"), "applied_ms",
)  # fmt: skip
SERVICE = Fact(
    "importing_service", "平台客服数据", ("platform", "level", "agent", "from_on", "to_on", "metric"),
    _fields("platform:text level:text agent:text from_on:text to_on:text metric:text value:real account:text"
            " store:text"),
    (), "from_on",
)  # fmt: skip
MESSAGES = Fact(
    "importing_messages", "聊天消息", ("session_id", "at_ms", "digest"),
    _fields("session_id:text at_ms:ms digest:int seq:int role:text sender:text buyer_key:text text:text"
            " order_id:text product_id:text entry:text rating:int marks:int platform:text"),
    (), "at_ms",
)  # fmt: skip
REVIEWS = Fact(
    "importing_reviews", "评价", ("platform", "review_id"),
    _fields("platform:text review_id:text order_id:text item_id:text product_id:text product:text stars:int"
            " text:text reviewed_ms:ms reply:text replied_ms:ms more_text:text more_stars:int more_ms:ms"
            " outcome:text handled_ms:ms agent:text creator:text store:text extra:text"),
    ("handled_ms", "more_ms", "replied_ms", "reviewed_ms"), "reviewed_ms",
)  # fmt: skip
SHIFTS = Fact(
    "importing_shifts", "班次", ("agent", "starts_ms"),
    _fields("agent:text starts_ms:ms ends_ms:ms shift:text group_name:text note:text"),
    (), "starts_ms",
)  # fmt: skip
FACTS: dict[str, Fact] = {
    "orders": ORDERS, "aftersales": AFTERSALES, "service": SERVICE, "messages": MESSAGES,
    "reviews": REVIEWS, "shifts": SHIFTS,
}  # fmt: skip
FACT_OF_TABLE: dict[str, Fact] = {fact.table: fact for fact in FACTS.values()}

# Bits of `importing_messages.marks`.
IS_CARD, IS_PERFUNCTORY, IS_CLOSING, IS_RECALLED, IS_TRANSFER = 1, 2, 4, 8, 16
