"""抖店 payloads → facts. Pure; field names and enumerations as in the official SDK (channels.md §1.3–1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from miaohui.trade.model.facts import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    Arbitration,
    BuyerId,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    Source,
)
from miaohui.trade.model.reading import id_of, int_of, list_of, object_of, text_of, time_of

ORDER_STATUS = {
    1: OrderStatus.UNPAID, 105: OrderStatus.PAID, 2: OrderStatus.TO_SHIP, 101: OrderStatus.PARTLY_SHIPPED,
    3: OrderStatus.SHIPPED, 5: OrderStatus.COMPLETED, 4: OrderStatus.CANCELLED,
}  # fmt: skip
MAIN_STATUS = {**ORDER_STATUS, 21: OrderStatus.REFUNDED, 22: OrderStatus.REFUNDED, 39: OrderStatus.REFUNDED}
AFTERSALE_STATUS = {
    6: AftersaleStatus.APPLIED, 7: AftersaleStatus.RETURNING, 8: AftersaleStatus.RESHIPPING,
    11: AftersaleStatus.RETURNED, 12: AftersaleStatus.SUCCEEDED, 3: AftersaleStatus.RESHIPPED,
    13: AftersaleStatus.RESHIPPED, 14: AftersaleStatus.SUCCEEDED, 27: AftersaleStatus.REFUSED,
    28: AftersaleStatus.CLOSED, 29: AftersaleStatus.RETURN_REFUSED, 51: AftersaleStatus.SUCCEEDED,
    53: AftersaleStatus.SUCCEEDED,
}  # fmt: skip
AFTERSALE_KIND = {
    0: AftersaleKind.RETURN_REFUND, 1: AftersaleKind.REFUND_SHIPPED, 2: AftersaleKind.REFUND_UNSHIPPED,
    3: AftersaleKind.EXCHANGE, 4: AftersaleKind.CANCELLATION, 5: AftersaleKind.CANCELLATION,
    6: AftersaleKind.PRICE_PROTECTION, 7: AftersaleKind.RESEND, 8: AftersaleKind.REPAIR,
}  # fmt: skip
ARBITRATION = {
    0: Arbitration.NONE, 1: Arbitration.IN_PROGRESS, 2: Arbitration.FOR_BUYER, 3: Arbitration.FOR_SELLER,
    4: Arbitration.EVIDENCE_WANTED, 5: Arbitration.NEGOTIATION, 6: Arbitration.ENDED,
    255: Arbitration.WITHDRAWN,
}  # fmt: skip
ORDER_PUSH_TIME = ("update_time", "complete_time", "cancel_time", "pay_time", "create_time")
# The time of the step itself before the time of the application, which some steps repeat.
AFTERSALE_PUSH_TIME = (
    "update_time", "modify_time", "success_time", "close_time", "refuse_time", "agree_time", "apply_time",
)  # fmt: skip
_COMMENT = {0: "none", 1: "written", 2: "followed_up"}


def push_source(account_id: int, data: Mapping[str, Any], names: tuple[str, ...]) -> Source:
    """Return the source of a push: its own update time where it carries one (arbitration pushes do not)."""
    times = [time_of(data.get(name)) for name in names]
    return Source("doudian", account_id, next((at for at in times if at is not None), None))


def order_from_push(account_id: int, data: Mapping[str, Any]) -> OrderFact | None:
    """Return what an order push (tags 100–126) says; None without an order id. Details are pulled."""
    order_id = id_of(data.get("p_id"))
    if order_id is None:
        return None
    source = push_source(account_id, data, ORDER_PUSH_TIME)
    status = ORDER_STATUS.get(int_of(data.get("order_status")) or 0)
    return OrderFact(
        source=source,
        platform_order_id=order_id,
        status=status,
        pay_fen=int_of(data.get("pay_amount")),
        placed_at=time_of(data.get("create_time")),
        paid_at=time_of(data.get("pay_time")),
        finished_at=time_of(data.get("complete_time")),
        ship_due_at=time_of(data.get("exp_delivery_time")),
        cancel_reason=text_of(data.get("cancel_reason")),
        items=tuple(OrderItemFact(sub) for sub in map(id_of, data.get("s_ids") or []) if sub is not None),
    )


def aftersale_from_push(account_id: int, data: Mapping[str, Any]) -> AftersaleFact | None:
    """Return what an after-sale push (tags 200–227) says; None without an after-sale id."""
    aftersale_id = id_of(data.get("aftersale_id"))
    if aftersale_id is None:
        return None
    source = push_source(account_id, data, AFTERSALE_PUSH_TIME)
    return AftersaleFact(
        source=source,
        platform_aftersale_id=aftersale_id,
        platform_order_id=id_of(data.get("p_id")),
        platform_item_id=id_of(data.get("s_id")),
        status=_pushed_status(data, source),
        kind=_mapped(AFTERSALE_KIND, data.get("aftersale_type")),
        applied_at=time_of(data.get("apply_time")),
        status_deadline=time_of(data.get("status_deadline")),
        refund_fen=int_of(data.get("refund_amount")),
        refund_freight_fen=int_of(data.get("refund_post_amount")),
        reason_code=text_of(data.get("reason_code")),
        arbitration=_mapped(ARBITRATION, data.get("arbitrate_status")),
        arbitration_id=id_of(data.get("arbitrate_id")),
    )


def order_from_detail(account_id: int, detail: Mapping[str, Any]) -> OrderFact | None:
    """Return what `order.orderDetail` or one row of `order.searchList` says; None without an order id."""
    order_id = id_of(detail.get("order_id")) or id_of(detail.get("shop_order_id"))
    if order_id is None:
        return None
    source = Source("doudian", account_id, time_of(detail.get("update_time")), is_full=True)
    receiver = _receiver(detail)
    parcels = tuple(_parcels(source, order_id, detail))
    return OrderFact(
        source=source,
        platform_order_id=order_id,
        status=_order_status(detail),
        order_fen=int_of(detail.get("order_amount")),
        pay_fen=int_of(detail.get("pay_amount")),
        freight_fen=int_of(detail.get("post_amount")),
        insurance_fen=int_of(detail.get("post_insurance_amount")),
        placed_at=time_of(detail.get("create_time")),
        paid_at=time_of(detail.get("pay_time")),
        ship_due_at=time_of(detail.get("exp_ship_time")),
        shipped_at=time_of(detail.get("ship_time")),
        finished_at=time_of(detail.get("finish_time")),
        cancel_reason=text_of(detail.get("cancel_reason")),
        buyer_note=text_of(detail.get("buyer_words")),
        seller_note=text_of(detail.get("seller_words")),
        star=int_of(detail.get("seller_remark_stars")),
        tracking_nos=tuple(parcel.tracking_no for parcel in parcels),
        items=tuple(_items(detail)),
        parcels=parcels,
        buyer_ids=_buyer_ids(detail),
        **receiver,
    )


def aftersale_from_list(account_id: int, row: Mapping[str, Any]) -> AftersaleFact | None:
    """Return what one row of `afterSale.List` says; None without an after-sale id."""
    info = object_of(row.get("aftersale_info"))
    order = object_of(row.get("order_info"))
    aftersale_id = id_of(info.get("aftersale_id"))
    if aftersale_id is None:
        return None
    item_ids = [id_of(item.get("sku_order_id")) for item in list_of(order.get("related_order_info"))]
    return AftersaleFact(
        source=Source("doudian", account_id, time_of(info.get("update_time")), is_full=True),
        platform_aftersale_id=aftersale_id,
        platform_order_id=id_of(order.get("shop_order_id")) or id_of(info.get("related_id")),
        platform_item_id=next((item for item in item_ids if item), None),
        status=_mapped(AFTERSALE_STATUS, info.get("aftersale_status")),
        kind=_mapped(AFTERSALE_KIND, info.get("aftersale_type")),
        applied_at=time_of(info.get("apply_time")),
        status_deadline=time_of(info.get("status_deadline")),
        refund_fen=int_of(info.get("refund_amount")),
        refund_freight_fen=int_of(info.get("refund_post_amount")),
        reason=text_of(object_of(row.get("text_part")).get("reason_text")),
        arbitration=_mapped(ARBITRATION, info.get("arbitrate_status")),
        arbitration_blame=text_of(info.get("arbitrate_blame")),
        return_carrier_name=text_of(info.get("return_logistics_company_name")),
        return_tracking_no=text_of(info.get("return_logistics_code")),
        has_buyer_received=_mapped({0: "no", 1: "yes"}, info.get("got_pkg")),
    )


def aftersale_from_detail(account_id: int, detail: Mapping[str, Any]) -> AftersaleFact | None:
    """Return what `afterSale.Detail` says; None without an after-sale id."""
    process = object_of(detail.get("process_info"))
    info = object_of(process.get("after_sale_info"))
    arbitration = object_of(process.get("arbitrate_info"))
    order = object_of(detail.get("order_info"))
    aftersale_id = id_of(info.get("after_sale_id"))
    if aftersale_id is None:
        return None
    item_ids = [id_of(item.get("sku_order_id")) for item in list_of(order.get("sku_order_infos"))]
    goods_back = object_of(object_of(process.get("logistics_info")).get("return"))
    return AftersaleFact(
        source=Source("doudian", account_id, time_of(info.get("update_time")), is_full=True),
        platform_aftersale_id=aftersale_id,
        platform_order_id=id_of(order.get("shop_order_id")),
        platform_item_id=next((item for item in item_ids if item), None),
        status=_mapped(AFTERSALE_STATUS, info.get("after_sale_status")),
        kind=_mapped(AFTERSALE_KIND, info.get("after_sale_type")),
        applied_at=time_of(info.get("apply_time")),
        status_deadline=time_of(info.get("status_deadline")),
        refund_fen=int_of(info.get("refund_total_amount")),
        refund_freight_fen=int_of(info.get("refund_post_amount")),
        reason=text_of(info.get("reason")),
        reason_code=text_of(info.get("reason_code")),
        arbitration=_mapped(ARBITRATION, arbitration.get("arbitrate_status")),
        arbitration_id=id_of(arbitration.get("arbitrate_id")),
        arbitration_deadline=time_of(arbitration.get("arbitrate_status_deadline")),
        arbitration_blame=text_of(arbitration.get("arbitrate_blame")),
        return_carrier_name=text_of(goods_back.get("company_name")),
        return_tracking_no=text_of(goods_back.get("tracking_no")),
    )


def _pushed_status(data: Mapping[str, Any], source: Source) -> AftersaleStatus | None:
    """A status without a time (arbitration pushes) is not shown: an older one that arrives later would follow it.

    Success is final and needs no time; the others are told by the detail that the push has us pull.
    """
    status: AftersaleStatus | None = _mapped(AFTERSALE_STATUS, data.get("aftersale_status"))
    return status if source.at is not None or status is AftersaleStatus.SUCCEEDED else None


def _mapped(table: Mapping[int, Any], value: Any) -> Any:
    number = int_of(value)
    return None if number is None else table.get(number)


def _order_status(row: Mapping[str, Any]) -> OrderStatus | None:
    """The finer `main_status` knows refunds; where it is unknown or absent, `order_status` counts."""
    fine: OrderStatus | None = _mapped(MAIN_STATUS, row.get("main_status"))
    coarse: OrderStatus | None = _mapped(ORDER_STATUS, row.get("order_status"))
    return fine if fine is OrderStatus.REFUNDED or coarse is None else coarse


def _items(detail: Mapping[str, Any]) -> list[OrderItemFact]:
    items = []
    for row in list_of(detail.get("sku_order_list")):
        item_id = id_of(row.get("order_id"))
        if item_id is None:
            continue
        specs = [str(spec.get("value", "")) for spec in list_of(row.get("spec"))]
        items.append(
            OrderItemFact(
                platform_item_id=item_id,
                status=_order_status(row),
                product_id=id_of(row.get("product_id_str")) or id_of(row.get("product_id")),
                sku_id=id_of(row.get("sku_id")),
                product_name=text_of(row.get("product_name")),
                product_image_url=text_of(row.get("product_pic")),
                spec=" ".join(spec for spec in specs if spec) or None,
                item_count=int_of(row.get("item_num")),
                pay_fen=int_of(row.get("pay_amount")),
                author_id=id_of(row.get("author_id")),
                author_name=text_of(row.get("author_name")),
                room_id=id_of(row.get("room_id_str")) or id_of(row.get("room_id")),
                video_id=id_of(row.get("video_id")),
                content_id=id_of(row.get("content_id")),
                comment_state=_mapped(_COMMENT, row.get("is_comment")),
            )
        )
    return items


def _parcels(source: Source, order_id: str, detail: Mapping[str, Any]) -> list[ParcelFact]:
    return [
        ParcelFact(
            source=source,
            platform_order_id=order_id,
            tracking_no=str(text_of(row.get("tracking_no"))),
            carrier_code=text_of(row.get("company")),
            carrier_name=text_of(row.get("company_name")),
            shipped_at=time_of(row.get("ship_time")),
        )
        for row in list_of(detail.get("logistics_info"))
        if text_of(row.get("tracking_no"))
    ]


def _buyer_ids(detail: Mapping[str, Any]) -> tuple[BuyerId, ...]:
    """open_id is unique per app, doudian_open_id per shop: two spaces, never compared (channels.md §6.2)."""
    found = (
        ("douyin_open_id", id_of(detail.get("open_id"))),
        ("doudian_open_id", id_of(detail.get("doudian_open_id"))),
    )
    return tuple(BuyerId(space, platform_id) for space, platform_id in found if platform_id)


def _receiver(detail: Mapping[str, Any]) -> dict[str, Any]:
    address = object_of(detail.get("mask_post_addr")) or object_of(detail.get("post_addr"))
    region = [
        text_of(object_of(address.get(part)).get("name")) for part in ("province", "city", "town", "street")
    ]
    ciphers = {
        "name": text_of(detail.get("encrypt_post_receiver")),
        "phone": text_of(detail.get("encrypt_post_tel")),
        "address": text_of(object_of(detail.get("post_addr")).get("encrypt_detail")),
    }
    return {
        "receiver_name_mask": text_of(detail.get("mask_post_receiver")),
        "receiver_phone_mask": text_of(detail.get("mask_post_tel")),
        "receiver_region": " ".join(part for part in region if part) or None,
        "receiver_address_mask": text_of(object_of(detail.get("mask_post_addr")).get("detail")),
        "receiver_ciphers": {name: text for name, text in ciphers.items() if text} or None,
    }


def changed_at(fact: OrderFact | AftersaleFact) -> datetime | None:
    """Return the platform's update time of a fact, for paging by it."""
    return fact.source.at
