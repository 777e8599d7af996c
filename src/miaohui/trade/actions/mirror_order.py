"""Taking in what a platform says about an order. Idempotent; the order of arrival does not matter (F7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.mirror_parcel import mirror_parcel
from miaohui.trade.actions.rows import Kept, find_kept, insert_new, write_kept
from miaohui.trade.events import OrderMirrored
from miaohui.trade.model.facts import OrderFact, OrderItemFact, Source
from miaohui.trade.model.masks import masked_order
from miaohui.trade.model.mirror import kept, time_in, values
from miaohui.trade.model.registers import Registers, item_registers, order_registers, value_of

TOPICS = ("shop", "trade")
SEEN_LATELY = timedelta(minutes=5)


@dataclass(frozen=True)
class Mirrored:
    """What came of a fact: the row's id, whether it is new, whether anything people see has changed."""

    id: int
    is_new: bool
    has_changed: bool


def mirror_order(tx: Tx, shop_id: int, order: OrderFact) -> Mirrored:
    """Take in a fact about an order with its parts; publish `OrderMirrored` when something changed."""
    fact = masked_order(order)
    key = {"shop_id": shop_id, "channel": fact.source.channel, "platform_order_id": fact.platform_order_id}
    mine = find_kept(tx, store.orders, key)
    registers = order_registers(mine.registers, fact)
    order_id, stood = mine.id or 0, True
    if not _is_known(tx, fact, mine, registers):
        order_id, stood = write_kept(tx, store.orders, mine, key, _columns(tx, fact, mine.row, registers))
    if not stood:
        return mirror_order(tx, shop_id, order)
    has_changed = mine.id is None or values(registers) != values(mine.registers)
    for item in fact.items:
        has_changed |= _mirror_item(tx, shop_id, order_id, item, fact.source)
    for parcel in fact.parcels:
        mirror_parcel(tx, shop_id, parcel)
    for buyer in fact.buyer_ids:
        has_changed |= insert_new(
            tx,
            store.order_buyer_ids,
            {
                "id": tx.ids.next(),
                "shop_id": shop_id,
                "id_space": buyer.id_space,
                "platform_id": buyer.platform_id,
                "order_id": order_id,
            },
        )
    if has_changed:
        _announce(tx, shop_id, order_id, fact, registers, value_of(mine.registers, "status"))
    return Mirrored(order_id, mine.id is None, has_changed)


def _is_known(tx: Tx, fact: OrderFact, mine: Kept, registers: Registers) -> bool:
    """Tell whether a fact brings nothing: reconciling reads the same orders again and again (the overlap)."""
    if mine.id is None or registers != mine.registers:
        return False
    pulled_at = mine.row.pulled_at
    return not fact.source.is_full or (pulled_at is not None and tx.now - pulled_at < SEEN_LATELY)


def _columns(tx: Tx, fact: OrderFact, row: Any, registers: Registers) -> dict[str, Any]:
    pulled_at = tx.now if fact.source.is_full else (row.pulled_at if row is not None else None)
    return {
        "account_id": fact.source.account_id if row is None else row.account_id,
        "status": value_of(registers, "status"),
        "placed_at": time_in(registers, "placed_at"),
        "paid_at": time_in(registers, "paid_at"),
        "ship_due_at": time_in(registers, "ship_due_at"),
        "shipped_at": time_in(registers, "shipped_at"),
        "finished_at": time_in(registers, "finished_at"),
        "pay_fen": value_of(registers, "pay_fen"),
        "registers": kept(registers),
        "mirrored_at": tx.now,
        "pulled_at": pulled_at,
    }


def _mirror_item(tx: Tx, shop_id: int, order_id: int, item: OrderItemFact, source: Source) -> bool:
    """Take in one sub-order; tell whether anything people see has changed."""
    key = {"shop_id": shop_id, "order_id": order_id, "platform_item_id": item.platform_item_id}
    mine = find_kept(tx, store.order_items, key)
    registers = item_registers(mine.registers, item, source)
    if mine.id is not None and registers == mine.registers:
        return False
    columns = {
        name: value_of(registers, name)
        for name in ("status", "product_id", "sku_id", "author_id", "room_id", "video_id", "content_id")
    }
    write_kept(tx, store.order_items, mine, key, {**columns, "registers": kept(registers)})
    return mine.id is None or values(registers) != values(mine.registers)


def _announce(
    tx: Tx, shop_id: int, order_id: int, fact: OrderFact, registers: Registers, previous: str | None
) -> None:
    status = value_of(registers, "status")
    tx.publish(
        OrderMirrored(
            shop_id=shop_id,
            order_id=order_id,
            account_id=fact.source.account_id,
            channel=fact.source.channel,
            platform_order_id=fact.platform_order_id,
            status=status,
            previous_status=previous,
            buyer_ids=tuple((buyer.id_space, buyer.platform_id) for buyer in fact.buyer_ids),
            at=tx.now,
        )
    )
    tx.feed(
        shop_id,
        TOPICS,
        "trade.order_mirrored",
        {
            "order_id": order_id,
            "channel": fact.source.channel,
            "platform_order_id": fact.platform_order_id,
            "status": status,
            "pay_fen": value_of(registers, "pay_fen"),
        },
    )
