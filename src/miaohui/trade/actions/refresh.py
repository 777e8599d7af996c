"""A person asks to read an order or after-sale again from the platform."""

from __future__ import annotations

from sqlalchemy import select

from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.take_in import ask_details
from miaohui.trade.model.inbound import Hint


def refresh_order(tx: Tx, shop_id: int, order_id: int) -> int:
    """Ask the platform again about an order, its after-sales and parcels; return how many questions.

    Raises: Refusal kit.not_found.
    """
    order = tx.execute(
        select(store.orders).where(store.orders.c.shop_id == shop_id, store.orders.c.id == order_id)
    ).first()
    if order is None:
        NOT_FOUND.refuse(order_id=order_id)
    same = {"shop_id": shop_id, "channel": order.channel, "platform_order_id": order.platform_order_id}
    number = ("order_id", order.platform_order_id)
    hints = [Hint("order", (number,))]
    for parcel in tx.execute(select(store.parcels).filter_by(**same)):
        code = (parcel.registers.get("carrier_code") or [""])[0]
        refs = (number, ("tracking_no", parcel.tracking_no), ("logistics_code", code))
        hints.append(Hint("parcel", refs))
    for aftersale in tx.execute(select(store.aftersales).filter_by(**same)):
        hints.append(Hint("aftersale", (("aftersale_id", aftersale.platform_aftersale_id),)))
    return ask_details(tx, shop_id, order.account_id, hints, at_once=True)


def refresh_aftersale(tx: Tx, shop_id: int, aftersale_id: int) -> int:
    """Ask the platform again about an after-sale; return 1. Raises: Refusal kit.not_found."""
    row = tx.execute(
        select(store.aftersales).where(
            store.aftersales.c.shop_id == shop_id, store.aftersales.c.id == aftersale_id
        )
    ).first()
    if row is None:
        NOT_FOUND.refuse(aftersale_id=aftersale_id)
    hints = [Hint("aftersale", (("aftersale_id", row.platform_aftersale_id),))]
    return ask_details(tx, shop_id, row.account_id, hints, at_once=True)
