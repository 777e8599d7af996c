"""Erase the person from their orders; the trade itself is kept, as the law asks (电子商务法 art. 31, R20)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.model.mirror import kept, restored
from miaohui.trade.model.registers import Registers

# What an order or an after-sale says of a person. The rank is above every platform's: no later pull brings it back.
ORDER_FIELDS: dict[str, Any] = {
    "receiver_name_mask": "", "receiver_phone_mask": "", "receiver_region": "", "receiver_address_mask": "",
    "receiver_ciphers": {}, "buyer_note": "", "seller_note": "",
}  # fmt: skip
AFTERSALE_FIELDS: dict[str, Any] = {"reason": ""}
TICKET_FIELDS: dict[str, Any] = {"detail": "", "reply": ""}
ERASED_RANK = 1_000_000


def erase_orders(tx: Tx, shop_id: int, buyer_ids: tuple[int, ...]) -> int:
    """Blank receivers and notes in the orders of these buyers, and reasons in their after-sales; return how many."""
    linked = select(store.buyer_links.c.order_id).where(
        store.buyer_links.c.shop_id == shop_id, store.buyer_links.c.buyer_id.in_(buyer_ids)
    )
    t = store.orders.c
    rows = tx.execute(
        select(t.id, t.channel, t.platform_order_id, t.registers).where(
            t.shop_id == shop_id, t.id.in_(linked)
        )
    ).all()
    for row in rows:
        _blank(tx, store.orders, row, ORDER_FIELDS)
        a = store.aftersales.c
        claims = select(a.id, a.registers).where(
            a.shop_id == shop_id, a.channel == row.channel, a.platform_order_id == row.platform_order_id
        )
        for claim in tx.execute(claims).all():
            _blank(tx, store.aftersales, claim, AFTERSALE_FIELDS)
        s = store.service_tickets.c
        complaints = select(s.id, s.registers).where(
            s.shop_id == shop_id, s.channel == row.channel, s.platform_order_id == row.platform_order_id
        )
        for complaint in tx.execute(complaints).all():
            _blank(tx, store.service_tickets, complaint, TICKET_FIELDS)
        ids = store.order_buyer_ids
        tx.execute(delete(ids).where(ids.c.shop_id == shop_id, ids.c.order_id == row.id))
    return len(rows)


def _blank(tx: Tx, table: Any, row: Any, fields: dict[str, Any]) -> None:
    registers: Registers = restored(row.registers)
    version = (ERASED_RANK, to_ms(tx.now), 0, 0)
    after = {**registers, **{name: (value, version) for name, value in fields.items()}}
    tx.execute(update(table).where(table.c.id == row.id).values(registers=kept(after)))
