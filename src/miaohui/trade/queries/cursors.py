"""How far reconciling has come, read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.trade import store


def find_cursor(conn: Connection, shop_id: int, account_id: int, stream: str) -> Any | None:
    """Return how far a stream of an account has been read, or None."""
    return conn.execute(
        select(store.cursors).where(
            store.cursors.c.shop_id == shop_id,
            store.cursors.c.account_id == account_id,
            store.cursors.c.stream == stream,
        )
    ).first()


def list_cursors(conn: Connection, shop_id: int) -> list[dict[str, Any]]:
    """Return the state of every reconcile of a shop."""
    rows = conn.execute(
        select(store.cursors)
        .where(store.cursors.c.shop_id == shop_id)
        .order_by(store.cursors.c.account_id, store.cursors.c.stream)
    )
    return [dict(row._mapping) for row in rows]
