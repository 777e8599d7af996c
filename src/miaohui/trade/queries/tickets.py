"""Complaint tickets (服务单), read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.kit.errors import NOT_FOUND
from miaohui.trade import store
from miaohui.trade.queries.shown import Page, is_before, page_of, ticket_row


def list_service_tickets(
    conn: Connection,
    shop_id: int,
    *,
    status: str | None = None,
    order_number: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return complaint tickets, the newest first; `order_number`: of one order of the platform."""
    table = store.service_tickets
    query = select(table).where(table.c.shop_id == shop_id, table.c.opened_at.is_not(None))
    if status is not None:
        query = query.where(table.c.status == status)
    if order_number:
        query = query.where(table.c.platform_order_id == order_number)
    if cursor is not None:
        query = query.where(is_before(table.c.opened_at, table.c.id, cursor))
    rows = list(conn.execute(query.order_by(table.c.opened_at.desc(), table.c.id.desc()).limit(limit + 1)))
    return page_of([ticket_row(row) for row in rows[:limit]], len(rows) > limit, "opened_at")


def get_service_ticket(conn: Connection, shop_id: int, ticket_id: int) -> dict[str, Any]:
    """Return one complaint ticket. Raises: Refusal kit.not_found."""
    table = store.service_tickets
    row = conn.execute(select(table).where(table.c.shop_id == shop_id, table.c.id == ticket_id)).first()
    return ticket_row(row) if row is not None else NOT_FOUND.refuse(ticket_id=ticket_id)
