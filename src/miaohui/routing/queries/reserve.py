"""The reserve's calls, read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.routing import store


def list_reserve_calls(
    conn: Connection, shop_id: int, user_id: int | None = None, limit: int = 50
) -> list[Any]:
    """Return the newest calls, of one person or of all."""
    return store.reserve.list_calls(conn, shop_id, user_id, limit)


def find_reserve_call(conn: Connection, shop_id: int, call_id: int) -> Any:
    """Return one call, or None."""
    return store.reserve.find_call(conn, shop_id, call_id)


def next_reserve_look(conn: Connection) -> datetime | None:
    """Return when the next queue is to be looked at for the reserve."""
    return store.reserve.next_look(conn)
