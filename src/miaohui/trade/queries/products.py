"""Products and variants, read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.engine import Connection

from miaohui.kit.errors import NOT_FOUND
from miaohui.trade import store
from miaohui.trade.queries.shown import MAX_LIMIT, product_row, said


def list_products(conn: Connection, shop_id: int, text: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Return products with their variants; `text` is a part of the title."""
    table = store.products
    query = select(table).where(table.c.shop_id == shop_id)
    if text.strip():
        query = query.where(table.c.title.contains(text.strip(), autoescape=True))
    rows = list(conn.execute(query.order_by(table.c.id).limit(min(limit, MAX_LIMIT))))
    variants: dict[int, list[dict[str, Any]]] = {}
    if rows:
        for sku in conn.execute(
            select(store.skus)
            .where(store.skus.c.shop_id == shop_id, store.skus.c.product_id.in_([row.id for row in rows]))
            .order_by(store.skus.c.id)
        ):
            variants.setdefault(sku.product_id, []).append({"id": sku.id, **said(sku)})
    return [product_row(row, variants.get(row.id, [])) for row in rows]


def find_product(
    conn: Connection, shop_id: int, channel: str, platform_product_id: str
) -> dict[str, Any] | None:
    """Return the product with this platform id, or None."""
    table = store.products.c
    return _one(conn, shop_id, table.channel == channel, table.platform_product_id == platform_product_id)


def get_product(conn: Connection, shop_id: int, product_id: int) -> dict[str, Any]:
    """Return a product with its variants by our own id. Raises: Refusal kit.not_found."""
    return _one(conn, shop_id, store.products.c.id == product_id) or NOT_FOUND.refuse(product_id=product_id)


def _one(conn: Connection, shop_id: int, *where: ColumnElement[bool]) -> dict[str, Any] | None:
    row = conn.execute(select(store.products).where(store.products.c.shop_id == shop_id, *where)).first()
    if row is None:
        return None
    found = conn.execute(
        select(store.skus).where(store.skus.c.shop_id == shop_id, store.skus.c.product_id == row.id)
    )
    return product_row(row, [{"id": sku.id, **said(sku)} for sku in found])
