"""Reads of live sessions, promotions and exceptional days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from miaohui.kit.errors import NOT_FOUND
from miaohui.shop.model import CalendarException, LiveSession, Promotion
from miaohui.shop.model.calendar import window
from miaohui.shop.store import calendar_exceptions, live_changes, live_sessions, promotions


def live_session_of(row: Row[Any]) -> LiveSession:
    """Return a stored row as a live session."""
    return LiveSession(
        row.id, row.title, row.room, row.presenter, row.planned_start_at, row.planned_end_at,
        row.actual_start_at, row.actual_end_at, row.cancelled_at,
    )  # fmt: skip


def promotion_of(row: Row[Any]) -> Promotion:
    """Return a stored row as a promotion."""
    return Promotion(row.id, row.name_zh, row.starts_at, row.ends_at, row.shift_count, row.target_s)


def exception_of(row: Row[Any]) -> CalendarException:
    """Return a stored row as an exceptional day."""
    windows = tuple(window(start, end) for start, end in row.windows)
    return CalendarException(date.fromisoformat(row.on_date), row.name_zh, windows)


def get_live_session(conn: Connection, shop_id: int, live_session_id: int) -> Row[Any]:
    """Return the row. Raises: Refusal kit.not_found."""
    row = conn.execute(
        select(live_sessions).where(live_sessions.c.shop_id == shop_id, live_sessions.c.id == live_session_id)
    ).first()
    return row if row is not None else NOT_FOUND.refuse()


def list_live_sessions(
    conn: Connection, shop_id: int, since: datetime, until: datetime, limit: int = 200
) -> list[Row[Any]]:
    """Return sessions planned to overlap the stretch, in order of their start, cancelled ones included."""
    table = live_sessions.c
    return list(
        conn.execute(
            select(live_sessions)
            .where(table.shop_id == shop_id, table.planned_start_at < until, table.planned_end_at > since)
            .order_by(table.planned_start_at, table.id)
            .limit(limit)
        )
    )


def list_live_changes(conn: Connection, shop_id: int, live_session_id: int) -> list[Row[Any]]:
    """Return what happened to a session, oldest first: who, when, why."""
    table = live_changes.c
    return list(
        conn.execute(
            select(live_changes)
            .where(table.shop_id == shop_id, table.live_session_id == live_session_id)
            .order_by(table.id)
        )
    )


def get_promotion(conn: Connection, shop_id: int, promotion_id: int) -> Row[Any]:
    """Return the row. Raises: Refusal kit.not_found."""
    row = conn.execute(
        select(promotions).where(promotions.c.shop_id == shop_id, promotions.c.id == promotion_id)
    ).first()
    return row if row is not None else NOT_FOUND.refuse()


def list_promotions(
    conn: Connection, shop_id: int, since: datetime, until: datetime, limit: int = 200
) -> list[Row[Any]]:
    """Return promotions that overlap the stretch, in order of their start, cancelled ones included."""
    table = promotions.c
    return list(
        conn.execute(
            select(promotions)
            .where(table.shop_id == shop_id, table.starts_at < until, table.ends_at > since)
            .order_by(table.starts_at, table.id)
            .limit(limit)
        )
    )


def list_calendar_exceptions(conn: Connection, shop_id: int, since: date, until: date) -> list[Row[Any]]:
    """Return exceptional days from `since` to `until`, both included."""
    table = calendar_exceptions.c
    return list(
        conn.execute(
            select(calendar_exceptions)
            .where(
                table.shop_id == shop_id,
                table.removed_at.is_(None),
                table.on_date >= since.isoformat(),
                table.on_date <= until.isoformat(),
            )
            .order_by(table.on_date)
        )
    )
