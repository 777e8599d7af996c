"""Orders and parcels, read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.engine import Connection

from miaohui.kit.errors import NOT_FOUND
from miaohui.trade import store
from miaohui.trade.queries.shown import (
    MAX_LIMIT,
    Page,
    aftersale_row,
    is_before,
    order_row,
    page_of,
    parcel_row,
    said,
)


def find_order(conn: Connection, shop_id: int, order_id: int) -> dict[str, Any] | None:
    """Return an order with its items, or None."""
    row = conn.execute(_orders(shop_id).where(store.orders.c.id == order_id)).first()
    return None if row is None else _with_items(conn, shop_id, [row])[0]


def find_order_by_number(
    conn: Connection, shop_id: int, channel: str, platform_order_id: str
) -> dict[str, Any] | None:
    """Return the order with this platform number, or None."""
    row = conn.execute(
        _orders(shop_id).where(
            store.orders.c.channel == channel, store.orders.c.platform_order_id == platform_order_id
        )
    ).first()
    return None if row is None else _with_items(conn, shop_id, [row])[0]


def get_order_detail(conn: Connection, shop_id: int, order_id: int) -> dict[str, Any]:
    """Return an order with items, after-sales, parcels and routes. Raises: Refusal kit.not_found."""
    order = find_order(conn, shop_id, order_id)
    if order is None:
        NOT_FOUND.refuse(order_id=order_id)
    number = (order["channel"], order["platform_order_id"])
    order["aftersales"] = [aftersale_row(row) for row in conn.execute(_aftersales_of(shop_id, [number]))]
    numbers = order.get("tracking_nos")
    order["parcels"] = [
        {**parcel, "is_replaced": numbers is not None and parcel["tracking_no"] not in numbers}
        for parcel in list_parcels_of_order(conn, shop_id, *number)
    ]
    return order


def list_orders(
    conn: Connection,
    shop_id: int,
    *,
    status: str | None = None,
    text: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return orders, newest placed first; `text`: an order number (or its beginning) or a parcel's."""
    query = _orders(shop_id).order_by(store.orders.c.placed_at.desc(), store.orders.c.id.desc())
    if status is not None:
        query = query.where(store.orders.c.status == status)
    if text:
        query = query.where(_is_numbered(conn, shop_id, text.strip()))
    if cursor is not None:
        query = query.where(is_before(store.orders.c.placed_at, store.orders.c.id, cursor))
    rows = list(conn.execute(query.where(store.orders.c.placed_at.is_not(None)).limit(limit + 1)))
    return page_of(_with_items(conn, shop_id, rows[:limit]), len(rows) > limit, "placed_at")


def list_orders_of_buyer(
    conn: Connection, shop_id: int, buyer_id: int, limit: int = 20
) -> list[dict[str, Any]]:
    """Return a buyer's orders over all platforms with items and after-sales, newest first. 3 statements."""
    rows = list(
        conn.execute(
            _orders(shop_id)
            .where(store.buyer_links.c.buyer_id == buyer_id)
            .order_by(store.orders.c.placed_at.desc(), store.orders.c.id.desc())
            .limit(min(limit, MAX_LIMIT))
        )
    )
    orders = _with_items(conn, shop_id, rows)
    by_number: dict[tuple[str, str], list[dict[str, Any]]] = {}
    if orders:
        numbers = [(order["channel"], order["platform_order_id"]) for order in orders]
        for row in conn.execute(_aftersales_of(shop_id, numbers)):
            by_number.setdefault((row.channel, row.platform_order_id), []).append(aftersale_row(row))
    for order in orders:
        order["aftersales"] = by_number.get((order["channel"], order["platform_order_id"]), [])
    return orders


def list_parcels_of_order(
    conn: Connection, shop_id: int, channel: str, platform_order_id: str
) -> list[dict[str, Any]]:
    """Return an order's parcels with their routes, the newest line first."""
    found = conn.execute(
        select(store.parcels)
        .where(
            store.parcels.c.shop_id == shop_id,
            store.parcels.c.channel == channel,
            store.parcels.c.platform_order_id == platform_order_id,
        )
        .order_by(store.parcels.c.id)
    )
    parcels = [parcel_row(row) for row in found]
    nodes: dict[int, list[dict[str, Any]]] = {}
    if parcels:
        lines = conn.execute(
            select(store.route_nodes)
            .where(
                store.route_nodes.c.shop_id == shop_id,
                store.route_nodes.c.parcel_id.in_([parcel["id"] for parcel in parcels]),
            )
            .order_by(store.route_nodes.c.at.desc(), store.route_nodes.c.id.desc())
        )
        for line in lines:
            nodes.setdefault(line.parcel_id, []).append(
                {"at": line.at, "state": line.state, "text": line.text, "site": line.site}
            )
    return [{**parcel, "nodes": nodes.get(parcel["id"], [])} for parcel in parcels]


def count_orders_of_day(conn: Connection, shop_id: int, start: datetime, end: datetime) -> int:
    """Return how many orders were placed in [start, end): the measure behind a shop's tier (spec §1.3)."""
    return int(
        conn.execute(
            select(func.count())
            .select_from(store.orders)
            .where(
                store.orders.c.shop_id == shop_id,
                store.orders.c.placed_at >= start,
                store.orders.c.placed_at < end,
            )
        ).scalar_one()
    )


def list_buyer_ids_of_order(conn: Connection, shop_id: int, order_id: int) -> list[tuple[str, str]]:
    """Return the (id space, platform id) pairs that an order carries."""
    rows = conn.execute(
        select(store.order_buyer_ids.c.id_space, store.order_buyer_ids.c.platform_id).where(
            store.order_buyer_ids.c.shop_id == shop_id, store.order_buyer_ids.c.order_id == order_id
        )
    )
    return [(row.id_space, row.platform_id) for row in rows]


def _orders(shop_id: int) -> Select[Any]:
    linked = and_(
        store.buyer_links.c.shop_id == store.orders.c.shop_id,
        store.buyer_links.c.order_id == store.orders.c.id,
    )
    return (
        select(store.orders, store.buyer_links.c.buyer_id, store.buyer_links.c.evidence)
        .select_from(store.orders.outerjoin(store.buyer_links, linked))
        .where(store.orders.c.shop_id == shop_id)
    )


def _with_items(conn: Connection, shop_id: int, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return orders with their items, in one more statement."""
    items: dict[int, list[dict[str, Any]]] = {}
    if rows:
        for item in conn.execute(
            select(store.order_items)
            .where(
                store.order_items.c.shop_id == shop_id,
                store.order_items.c.order_id.in_([row.id for row in rows]),
            )
            .order_by(store.order_items.c.id)
        ):
            items.setdefault(item.order_id, []).append({"id": item.id, **said(item)})
    return [{**order_row(row), "items": items.get(row.id, [])} for row in rows]


def _aftersales_of(shop_id: int, numbers: Sequence[tuple[str, str]]) -> Select[Any]:
    table = store.aftersales
    is_one = or_(*(and_(table.c.channel == c, table.c.platform_order_id == n) for c, n in numbers))
    return (
        select(table)
        .where(table.c.shop_id == shop_id, is_one)
        .order_by(table.c.applied_at.desc(), table.c.id)
    )


def _is_numbered(conn: Connection, shop_id: int, text: str) -> ColumnElement[bool]:
    numbers = conn.execute(
        select(store.parcels.c.platform_order_id).where(
            store.parcels.c.shop_id == shop_id, store.parcels.c.tracking_no == text
        )
    ).scalars()
    starts = store.orders.c.platform_order_id.startswith(text, autoescape=True)
    return or_(starts, store.orders.c.platform_order_id.in_(list(numbers)))
