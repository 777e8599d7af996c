"""Cards of orders and products, and the invitation to rate."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from miaohui.inbox.schemas.kinds import ClientId, Ident
from miaohui.kit.http import Schema


class CardIn(Schema):
    """One card: an order of this buyer or a product of the shop, by our own id."""

    client_id: ClientId = Field(description="幂等键：重发同一编号只会发送一次")
    order_id: Ident | None = Field(
        None, description="我方订单编号（GET /api/buyers/{buyer_id}/orders 的 id）"
    )
    product_id: Ident | None = Field(None, description="我方商品编号（GET /api/products 的 id）")

    @model_validator(mode="after")
    def _one_of_both(self) -> CardIn:
        if (self.order_id is None) == (self.product_id is None):
            raise ValueError("give order_id or product_id, not both")
        return self


class OrderCardPart(Schema):
    """A message part of type `order_card`."""

    type: Literal["order_card"] = "order_card"
    order_id: str = Field(description="平台订单号")
    title: str = ""
    amount_fen: int | None = None
    status_zh: str = ""
    image_url: str = ""
    item_count: int = 0
    created_at_ms: int | None = None


class ProductCardPart(Schema):
    """A message part of type `product_card`."""

    type: Literal["product_card"] = "product_card"
    product_id: str = Field(description="平台商品编号")
    title: str = ""
    price_fen: int | None = None
    image_url: str = ""
    url: str = ""
    sku_id: str = ""


class OrderCardChoice(Schema):
    order_id: int
    card: OrderCardPart


class ProductCardChoice(Schema):
    product_id: int
    card: ProductCardPart


class CardChoicesOut(Schema):
    """What may be sent as a card here. Where the channel cannot send one, its list is empty and the reason given."""

    can_send_order: bool
    can_send_product: bool
    reason_zh: str = Field("", description="不能发送卡片的原因；可以发送时为空")
    reason_en: str = ""
    orders: list[OrderCardChoice]
    products: list[ProductCardChoice]


class RatingInvitationOut(Schema):
    """Whether the buyer may be asked to rate this conversation, and whether that was done."""

    can_invite: bool
    code: Annotated[str, Field(description="不能邀请的错误代码，与 POST 的拒绝相同；可以邀请时为空")] = ""
    reason_zh: str = ""
    reason_en: str = ""
    invited_at: datetime | None
    message_id: int | None
    rated_at: datetime | None
