"""What a platform says about orders, after-sales, parcels and products. Pure.

A fact may arrive late, twice and in any order (reliability.md F7). A field that is None was not said.
Money is integer fen, platform ids are text, times are aware UTC. Personal data comes as masks and ciphertext
only (channels.md §1.4: the workbench lives on masks).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from miaohui.trade.model.ticket_fact import ServiceTicketFact


class OrderStatus(StrEnum):
    """Where an order or one of its items stands. An order's life only goes forward (`ORDER_RANK`)."""

    UNPAID = "unpaid"
    PAID = "paid"
    TO_SHIP = "to_ship"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


ORDER_RANK = {status: rank for rank, status in enumerate(OrderStatus, start=1)}
ORDER_STATUS_ZH = {
    OrderStatus.UNPAID: "待支付", OrderStatus.PAID: "已支付", OrderStatus.TO_SHIP: "待发货",
    OrderStatus.PARTLY_SHIPPED: "部分发货", OrderStatus.SHIPPED: "已发货", OrderStatus.COMPLETED: "已完成",
    OrderStatus.CANCELLED: "已取消", OrderStatus.REFUNDED: "已退款",
}  # fmt: skip
ORDER_OPEN = (
    OrderStatus.UNPAID,
    OrderStatus.PAID,
    OrderStatus.TO_SHIP,
    OrderStatus.PARTLY_SHIPPED,
    OrderStatus.SHIPPED,
)


class AftersaleStatus(StrEnum):
    """Where an after-sale stands. A refused one may be asked for again; a successful one is final."""

    APPLIED = "applied"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"
    RETURN_REFUSED = "return_refused"
    RESHIPPING = "reshipping"
    RESHIPPED = "reshipped"
    CLOSED = "closed"
    SUCCEEDED = "succeeded"


AFTERSALE_RANK = {status: rank for rank, status in enumerate(AftersaleStatus, start=1)}
AFTERSALE_STATUS_ZH = {
    AftersaleStatus.APPLIED: "待商家同意", AftersaleStatus.REFUSED: "商家已拒绝",
    AftersaleStatus.RETURNING: "待买家退货", AftersaleStatus.RETURNED: "待商家收货",
    AftersaleStatus.RETURN_REFUSED: "商家拒绝收货", AftersaleStatus.RESHIPPING: "待商家发货",
    AftersaleStatus.RESHIPPED: "待买家收货",
    AftersaleStatus.CLOSED: "售后关闭", AftersaleStatus.SUCCEEDED: "售后成功",
}  # fmt: skip
AFTERSALE_OURS = (AftersaleStatus.APPLIED, AftersaleStatus.RETURNED, AftersaleStatus.RESHIPPING)
AFTERSALE_ENDED = (AftersaleStatus.CLOSED, AftersaleStatus.SUCCEEDED)


class AftersaleKind(StrEnum):
    """What the buyer asks for."""

    RETURN_REFUND = "return_refund"
    REFUND_SHIPPED = "refund_shipped"
    REFUND_UNSHIPPED = "refund_unshipped"
    EXCHANGE = "exchange"
    PRICE_PROTECTION = "price_protection"
    RESEND = "resend"
    REPAIR = "repair"
    CANCELLATION = "cancellation"


AFTERSALE_KIND_ZH = {
    AftersaleKind.RETURN_REFUND: "退货退款", AftersaleKind.REFUND_SHIPPED: "已发货仅退款",
    AftersaleKind.REFUND_UNSHIPPED: "未发货仅退款", AftersaleKind.EXCHANGE: "换货",
    AftersaleKind.PRICE_PROTECTION: "价保", AftersaleKind.RESEND: "补寄", AftersaleKind.REPAIR: "维修",
    AftersaleKind.CANCELLATION: "订单取消",
}  # fmt: skip


class Arbitration(StrEnum):
    """Whether the platform has stepped in (spec §5.1 level 4)."""

    NONE = "none"
    NEGOTIATION = "negotiation"
    IN_PROGRESS = "in_progress"
    EVIDENCE_WANTED = "evidence_wanted"
    WITHDRAWN = "withdrawn"
    FOR_BUYER = "for_buyer"
    FOR_SELLER = "for_seller"
    ENDED = "ended"


ARBITRATION_RANK = {state: rank for rank, state in enumerate(Arbitration, start=0)}
ARBITRATION_ZH = {
    Arbitration.NONE: "未介入", Arbitration.NEGOTIATION: "协商期", Arbitration.IN_PROGRESS: "平台处理中",
    Arbitration.EVIDENCE_WANTED: "待商家举证", Arbitration.WITHDRAWN: "买家已撤销",
    Arbitration.FOR_BUYER: "支持买家",    Arbitration.FOR_SELLER: "支持商家", Arbitration.ENDED: "仲裁结束",
}  # fmt: skip
ARBITRATION_OPEN = (Arbitration.NEGOTIATION, Arbitration.IN_PROGRESS, Arbitration.EVIDENCE_WANTED)


class ParcelState(StrEnum):
    """Where a parcel is, in the words of the carriers' taxonomy (channels.md §5, 快递鸟 State/StateEx)."""

    UNKNOWN = "unknown"
    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    AT_STATION = "at_station"
    DELIVERING = "delivering"
    PROBLEM = "problem"
    RETURNED = "returned"
    SIGNED = "signed"


PARCEL_RANK = {state: rank for rank, state in enumerate(ParcelState, start=0)}
PARCEL_STATE_ZH = {
    ParcelState.UNKNOWN: "暂无轨迹", ParcelState.COLLECTED: "已揽收", ParcelState.IN_TRANSIT: "运输中",
    ParcelState.AT_STATION: "到达驿站", ParcelState.DELIVERING: "派送中", ParcelState.PROBLEM: "异常",
    ParcelState.RETURNED: "已退回", ParcelState.SIGNED: "已签收",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Who says it and when. `at` is the platform's own update time, None when it gives none (then the fact
    only fills what nobody else said). `is_full` marks a pulled detail, which wins over a push of the same
    second."""

    channel: str
    account_id: int
    at: datetime | None
    is_full: bool = False


@dataclass(frozen=True)
class BuyerId:
    """A platform's name for the buyer. Ids of different spaces never compare (channels.md §6.2)."""

    id_space: str
    platform_id: str


@dataclass(frozen=True)
class OrderItemFact:
    """One sub-order (子订单). `author_id`, `room_id`, `video_id`, `content_id` say where it was sold."""

    platform_item_id: str
    status: OrderStatus | None = None
    product_id: str | None = None
    sku_id: str | None = None
    product_name: str | None = None
    product_image_url: str | None = None
    spec: str | None = None
    item_count: int | None = None
    pay_fen: int | None = None
    author_id: str | None = None
    author_name: str | None = None
    room_id: str | None = None
    video_id: str | None = None
    content_id: str | None = None
    comment_state: str | None = None


@dataclass(frozen=True)
class RouteNode:
    """One line of a parcel's route."""

    at: datetime
    text: str
    state: ParcelState = ParcelState.IN_TRANSIT
    site: str = ""


@dataclass(frozen=True)
class ParcelFact:
    """What is known of one parcel. `nodes` adds to what is known; the newest node gives the state."""

    source: Source
    platform_order_id: str
    tracking_no: str
    carrier_code: str | None = None
    carrier_name: str | None = None
    shipped_at: datetime | None = None
    nodes: tuple[RouteNode, ...] = ()


@dataclass(frozen=True)
class OrderFact:
    """What is known of one order (主订单)."""

    source: Source
    platform_order_id: str
    status: OrderStatus | None = None
    order_fen: int | None = None
    pay_fen: int | None = None
    freight_fen: int | None = None
    insurance_fen: int | None = None
    placed_at: datetime | None = None
    paid_at: datetime | None = None
    ship_due_at: datetime | None = None
    shipped_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_reason: str | None = None
    buyer_note: str | None = None
    seller_note: str | None = None
    star: int | None = None
    receiver_name_mask: str | None = None
    receiver_phone_mask: str | None = None
    receiver_region: str | None = None
    receiver_address_mask: str | None = None
    receiver_ciphers: dict[str, str] | None = None
    tracking_nos: tuple[str, ...] | None = None
    items: tuple[OrderItemFact, ...] = ()
    parcels: tuple[ParcelFact, ...] = ()
    buyer_ids: tuple[BuyerId, ...] = ()


@dataclass(frozen=True)
class AftersaleFact:
    """What is known of one after-sale (售后单). `status_deadline` is when the platform acts by itself."""

    source: Source
    platform_aftersale_id: str
    platform_order_id: str | None = None
    platform_item_id: str | None = None
    status: AftersaleStatus | None = None
    kind: AftersaleKind | None = None
    applied_at: datetime | None = None
    status_deadline: datetime | None = None
    refund_fen: int | None = None
    refund_freight_fen: int | None = None
    reason: str | None = None
    reason_code: str | None = None
    arbitration: Arbitration | None = None
    arbitration_id: str | None = None
    arbitration_deadline: datetime | None = None
    arbitration_blame: str | None = None
    return_carrier_name: str | None = None
    return_tracking_no: str | None = None
    has_buyer_received: str | None = None


@dataclass(frozen=True)
class SkuFact:
    """One variant of a product, its price and what is in stock."""

    platform_sku_id: str
    spec: str | None = None
    price_fen: int | None = None
    stock_count: int | None = None
    code: str | None = None


@dataclass(frozen=True)
class ProductFact:
    """What is known of one product. `attributes` are texts such as 材质 → 纯棉, never promises."""

    source: Source
    platform_product_id: str
    title: str | None = None
    image_url: str | None = None
    price_fen: int | None = None
    shelf_state: str | None = None
    category: str | None = None
    attributes: dict[str, str] | None = None
    skus: tuple[SkuFact, ...] = ()


Fact = OrderFact | AftersaleFact | ServiceTicketFact | ParcelFact | ProductFact
