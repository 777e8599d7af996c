"""Make and rename a shop; give its rules a new stamp whenever one of them changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.engine import Row

from miaohui.kit.errors import NOT_FOUND, STALE
from miaohui.kit.tx import Tx
from miaohui.shop.queries import get_shop
from miaohui.shop.store import shops


def create_shop(tx: Tx, name: str, *, main_category: str = "", shop_id: int | None = None) -> int:
    """Make a shop and return its id. Its rules are the specification's defaults until somebody edits them."""
    new_id = shop_id if shop_id is not None else tx.ids.next()
    tx.execute(
        insert(shops).values(
            id=new_id, name=name, main_category=main_category, version=1, stamp=tx.ids.next(),
            created_at=tx.now, updated_at=tx.now,
        )
    )  # fmt: skip
    tx.audit("shop.created", f"shop:{new_id}", {"name": name}, shop_id=new_id)
    return new_id


def edit_shop(tx: Tx, shop_id: int, version: int, name: str, main_category: str) -> Row[Any]:
    """Rename a shop; return its row. Raises: Refusal kit.not_found, kit.stale."""
    current = get_shop(tx.conn, shop_id)
    if current.version != version:
        STALE.refuse(current=shown_shop(current))
    tx.execute(
        update(shops)
        .where(shops.c.id == shop_id)
        .values(name=name, main_category=main_category, version=version + 1, updated_at=tx.now)
    )
    tx.audit("shop.edited", f"shop:{shop_id}", {"name": name}, shop_id=shop_id)
    tx.feed(shop_id, ["shop"], "shop.edited", {"name": name, "version": version + 1})
    return get_shop(tx.conn, shop_id)


def shown_shop(row: Row[Any]) -> dict[str, Any]:
    """Return what a stale editor is shown."""
    return {"version": row.version, "name": row.name, "main_category": row.main_category}


def touch_rules(tx: Tx, shop_id: int) -> None:
    """Give the shop's rules a new stamp: whoever kept them reads them again.

    Raises: Refusal kit.not_found for an unknown shop.
    """
    done = tx.execute(
        update(shops).where(shops.c.id == shop_id).values(stamp=tx.ids.next(), updated_at=tx.now)
    )
    if done.rowcount != 1:
        NOT_FOUND.refuse(shop_id=shop_id)
