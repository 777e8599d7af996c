"""Whose order it is. Linked on evidence only, one buyer an order; every link says why and by whom."""

from __future__ import annotations

from sqlalchemy import select, update

from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.rows import insert_new
from miaohui.trade.events import OrderLinked


def link_buyer(tx: Tx, shop_id: int, order_id: int, buyer_id: int, evidence: str) -> bool:
    """Link an order to a buyer unless it has one already; tell whether the link is new.

    Raises: nothing for an order that is linked elsewhere: the first evidence stands until buyers merge.
    """
    known = tx.execute(
        select(store.orders.c.platform_order_id).where(
            store.orders.c.shop_id == shop_id, store.orders.c.id == order_id
        )
    ).scalar()
    if known is None:
        return False
    row = {
        "id": tx.ids.next(),
        "shop_id": shop_id,
        "order_id": order_id,
        "buyer_id": buyer_id,
        "evidence": evidence,
        "linked_at": tx.now,
        "linked_by": tx.actor.name or tx.actor.kind,
    }
    if not insert_new(tx, store.buyer_links, row):
        return False
    tx.publish(OrderLinked(shop_id, order_id, known, buyer_id, evidence))
    tx.feed(
        shop_id,
        ("shop", "trade"),
        "trade.order_linked",
        {"order_id": order_id, "platform_order_id": known, "buyer_id": buyer_id, "evidence": evidence},
    )
    return True


def link_orders_of_identity(
    tx: Tx, shop_id: int, id_space: str, platform_id: str, buyer_id: int
) -> list[int]:
    """Link every order that carries this platform id to the buyer who has just been recognised by it."""
    found = tx.execute(
        select(store.order_buyer_ids.c.order_id).where(
            store.order_buyer_ids.c.shop_id == shop_id,
            store.order_buyer_ids.c.id_space == id_space,
            store.order_buyer_ids.c.platform_id == platform_id,
        )
    ).scalars()
    evidence = f"{id_space}={platform_id}"
    return [order_id for order_id in list(found) if link_buyer(tx, shop_id, order_id, buyer_id, evidence)]


def link_order_of_number(
    tx: Tx, shop_id: int, channel: str, platform_order_id: str, buyer_id: int, evidence: str
) -> bool:
    """Link the order with this platform number when it is known and free (an order card of the buyer)."""
    order_id = tx.execute(
        select(store.orders.c.id).where(
            store.orders.c.shop_id == shop_id,
            store.orders.c.channel == channel,
            store.orders.c.platform_order_id == platform_order_id,
        )
    ).scalar()
    return order_id is not None and link_buyer(tx, shop_id, order_id, buyer_id, evidence)


def follow_merged_buyers(tx: Tx, shop_id: int, kept_id: int, merged_id: int) -> int:
    """Give the orders of a merged buyer to the one that was kept; return how many."""
    return tx.execute(
        update(store.buyer_links)
        .where(store.buyer_links.c.shop_id == shop_id, store.buyer_links.c.buyer_id == merged_id)
        .values(buyer_id=kept_id)
    ).rowcount


def relink_orders_of_identity(tx: Tx, shop_id: int, id_space: str, platform_id: str, buyer_id: int) -> int:
    """Give the linked orders that carry this platform id to another buyer, after a merge was undone; return how
    many."""
    carried = select(store.order_buyer_ids.c.order_id).where(
        store.order_buyer_ids.c.shop_id == shop_id,
        store.order_buyer_ids.c.id_space == id_space,
        store.order_buyer_ids.c.platform_id == platform_id,
    )
    return tx.execute(
        update(store.buyer_links)
        .where(store.buyer_links.c.shop_id == shop_id, store.buyer_links.c.order_id.in_(carried))
        .values(buyer_id=buyer_id)
    ).rowcount
