"""What trade shows over HTTP. Names and phones are masks; ciphertext never leaves the server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from miaohui.kit.http import Schema
from miaohui.trade.model.facts import (
    AFTERSALE_KIND_ZH,
    AFTERSALE_OURS,
    AFTERSALE_STATUS_ZH,
    ARBITRATION_ZH,
    ORDER_STATUS_ZH,
    PARCEL_STATE_ZH,
    AftersaleKind,
    AftersaleStatus,
    Arbitration,
    OrderStatus,
    ParcelState,
)
from miaohui.trade.model.ticket_fact import TICKET_STATUS_ZH, TicketStatus


class Shown(Schema):
    """A row of the mirror; fields that this page does not show are left out."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)


class ItemOut(Shown):
    """One sub-order; the four ids say in which live room or video it was sold."""

    id: int
    platform_item_id: str
    status: OrderStatus | None = None
    status_zh: str = ""
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


class AftersaleOut(Shown):
    """One after-sale. `waits_for_us`: the next step is the shop's, before `status_deadline`."""

    id: int
    account_id: int
    channel: str
    platform_aftersale_id: str
    platform_order_id: str | None = None
    platform_item_id: str | None = None
    status: AftersaleStatus | None = None
    status_zh: str = ""
    waits_for_us: bool = False
    kind: AftersaleKind | None = None
    kind_zh: str = ""
    applied_at: datetime | None = None
    status_deadline: datetime | None = None
    refund_fen: int | None = None
    refund_freight_fen: int | None = None
    reason: str | None = None
    arbitration: Arbitration | None = None
    arbitration_zh: str = ""
    arbitration_deadline: datetime | None = None
    arbitration_blame: str | None = None
    return_carrier_name: str | None = None
    return_tracking_no: str | None = None
    mirrored_at: datetime


class NodeOut(Shown):
    """One line of a parcel's route."""

    at: datetime
    state: ParcelState
    state_zh: str = ""
    text: str
    site: str = ""


class ParcelOut(Shown):
    """One parcel, its route newest first. `is_replaced`: the platform names another number by now."""

    id: int
    tracking_no: str
    carrier_code: str | None = None
    carrier_name: str | None = None
    state: ParcelState
    state_zh: str = ""
    shipped_at: datetime | None = None
    moved_at: datetime | None = None
    is_replaced: bool = False
    nodes: list[NodeOut] = []


class OrderOut(Shown):
    """One order as lists show it."""

    id: int
    account_id: int
    channel: str
    platform_order_id: str
    status: OrderStatus | None = None
    status_zh: str = ""
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
    buyer_id: int | None = None
    evidence: str | None = None
    mirrored_at: datetime
    pulled_at: datetime | None = None
    items: list[ItemOut] = []
    aftersales: list[AftersaleOut] = []


class OrderDetailOut(OrderOut):
    """One order with everything around it."""

    parcels: list[ParcelOut] = []


class OrderPageOut(Schema):
    """A page of orders."""

    items: list[OrderOut]
    next_cursor: str | None = None


class AftersalePageOut(Schema):
    """A page of after-sales."""

    items: list[AftersaleOut]
    next_cursor: str | None = None


class BuyerOrdersOut(Schema):
    """A buyer's orders over all platforms, newest first."""

    items: list[OrderOut]


class SkuOut(Shown):
    """One variant with price and stock."""

    id: int
    platform_sku_id: str
    spec: str | None = None
    price_fen: int | None = None
    stock_count: int | None = None
    code: str | None = None


class ProductOut(Shown):
    """One product with its variants."""

    id: int
    account_id: int
    channel: str
    platform_product_id: str
    title: str | None = None
    image_url: str | None = None
    price_fen: int | None = None
    shelf_state: str | None = None
    category: str | None = None
    attributes: dict[str, str] | None = None
    skus: list[SkuOut] = []
    mirrored_at: datetime


class ProductsOut(Schema):
    """Products of the shop."""

    items: list[ProductOut]


class RefreshOut(Schema):
    """How many questions were put to the platform; answers arrive on the live feed."""

    asked_count: int


class ReconcileOut(Shown):
    """How far one stream of one account has been read."""

    account_id: int
    stream: str
    done_until: datetime | None = None
    ran_at: datetime
    fact_count: int
    repaired_count: int
    error: str | None = None


class ReconcilesOut(Schema):
    """The state of every reconcile of the shop."""

    items: list[ReconcileOut]


def item_out(row: dict[str, Any]) -> ItemOut:
    """Return a sub-order as it is shown."""
    return ItemOut.model_validate({**row, "status_zh": _zh(ORDER_STATUS_ZH, OrderStatus, row.get("status"))})


def aftersale_out(row: dict[str, Any]) -> AftersaleOut:
    """Return an after-sale as it is shown."""
    return AftersaleOut.model_validate({
        **row, "status_zh": _zh(AFTERSALE_STATUS_ZH, AftersaleStatus, row.get("status")),
        "kind_zh": _zh(AFTERSALE_KIND_ZH, AftersaleKind, row.get("kind")),
        "arbitration_zh": _zh(ARBITRATION_ZH, Arbitration, row.get("arbitration")),
        "waits_for_us": row.get("status") in {status.value for status in AFTERSALE_OURS},
    })  # fmt: skip


def parcel_out(row: dict[str, Any]) -> ParcelOut:
    """Return a parcel as it is shown."""
    nodes = [{**node, "state_zh": _zh(PARCEL_STATE_ZH, ParcelState, node["state"])} for node in row["nodes"]]
    return ParcelOut.model_validate(
        {**row, "nodes": nodes, "state_zh": _zh(PARCEL_STATE_ZH, ParcelState, row["state"])}
    )


def order_out(row: dict[str, Any]) -> OrderOut:
    """Return an order as lists show it."""
    return OrderOut.model_validate(_order_fields(row))


def order_detail_out(row: dict[str, Any]) -> OrderDetailOut:
    """Return an order with everything around it."""
    return OrderDetailOut.model_validate(
        {**_order_fields(row), "parcels": [parcel_out(parcel) for parcel in row["parcels"]]}
    )


def _order_fields(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "status_zh": _zh(ORDER_STATUS_ZH, OrderStatus, row.get("status")),
        "items": [item_out(item) for item in row["items"]],
        "aftersales": [aftersale_out(aftersale) for aftersale in row.get("aftersales", [])],
    }


def _zh(names: Any, words: Any, value: Any) -> str:
    return "" if value is None else str(names[words(value)])


class ServiceTicketOut(Shown):
    id: int
    account_id: int
    channel: str
    platform_ticket_id: str
    platform_order_id: str | None = None
    status: TicketStatus | None = None
    status_zh: str = ""
    status_said: str | None = None
    service_type: int | None = None
    detail: str | None = None
    reply: str | None = None
    opened_at: datetime | None = None
    replied_at: datetime | None = None
    mirrored_at: datetime


class ServiceTicketPageOut(Schema):
    items: list[ServiceTicketOut]
    next_cursor: str | None


def ticket_out(row: dict[str, Any]) -> ServiceTicketOut:
    """Return a complaint ticket as it is shown, its state in the platform's own words."""
    words = row.get("status_said") or _zh(TICKET_STATUS_ZH, TicketStatus, row.get("status"))
    return ServiceTicketOut.model_validate({**row, "status_zh": words})
