"""After-sales, read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.kit.errors import NOT_FOUND
from miaohui.trade import store
from miaohui.trade.model.facts import AFTERSALE_ENDED, ARBITRATION_OPEN
from miaohui.trade.queries.shown import MAX_LIMIT, Page, aftersale_row, is_before, page_of

_ENDED = tuple(status.value for status in AFTERSALE_ENDED)


def get_aftersale(conn: Connection, shop_id: int, aftersale_id: int) -> dict[str, Any]:
    """Return an after-sale. Raises: Refusal kit.not_found."""
    row = conn.execute(
        select(store.aftersales).where(
            store.aftersales.c.shop_id == shop_id, store.aftersales.c.id == aftersale_id
        )
    ).first()
    if row is None:
        NOT_FOUND.refuse(aftersale_id=aftersale_id)
    return aftersale_row(row)


def list_aftersales(
    conn: Connection,
    shop_id: int,
    *,
    status: str | None = None,
    arbitrated: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return after-sales, newest applied first; `arbitrated` keeps those the platform has stepped into."""
    table = store.aftersales
    query = select(table).where(table.c.shop_id == shop_id, table.c.applied_at.is_not(None))
    if status is not None:
        query = query.where(table.c.status == status)
    if arbitrated:
        query = query.where(table.c.arbitration.in_([state.value for state in ARBITRATION_OPEN]))
    if cursor is not None:
        query = query.where(is_before(table.c.applied_at, table.c.id, cursor))
    rows = list(conn.execute(query.order_by(table.c.applied_at.desc(), table.c.id.desc()).limit(limit + 1)))
    return page_of([aftersale_row(row) for row in rows[:limit]], len(rows) > limit, "applied_at")


def list_due_aftersales(
    conn: Connection, shop_id: int, due_before: datetime, limit: int = 100
) -> list[dict[str, Any]]:
    """Return open after-sales whose platform deadline is before `due_before`, the most urgent first."""
    table = store.aftersales
    rows = conn.execute(
        select(table)
        .where(
            table.c.shop_id == shop_id,
            table.c.status.not_in(_ENDED),
            table.c.status_deadline.is_not(None),
            table.c.status_deadline < due_before,
        )
        .order_by(table.c.status_deadline, table.c.id)
        .limit(min(limit, MAX_LIMIT))
    )
    return [aftersale_row(row) for row in rows]
