"""The rulebook of a shop, kept in memory as long as its stamp stays the same.

A clock starts with every buyer message: reading six tables each time would cost more than the message. The
stamp is read in the same transaction, is new after every change and never used twice, so what is kept is
exactly what the tables say.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import or_, select
from sqlalchemy.engine import Connection, Engine

from miaohui.kit.db import raw_rows
from miaohui.shop.model import CalendarException, LiveSession, PolicyVersion, Promotion, Rulebook
from miaohui.shop.queries.policies import version_of
from miaohui.shop.queries.schedule import exception_of, live_session_of, promotion_of
from miaohui.shop.store import STAMP, calendar_exceptions, live_sessions, policies, promotions

KEEP_PAST = timedelta(days=3)
_KEPT: WeakKeyDictionary[Engine, dict[int, Rulebook]] = WeakKeyDictionary()


def get_rulebook(conn: Connection, shop_id: int, now: datetime) -> Rulebook:
    """Return what decides targets from now on: one statement when nothing changed.

    Shape: live sessions and promotions that ended more than three days ago are left out.
    """
    found = raw_rows(conn, STAMP, (shop_id,))
    stamp = int(found[0][0]) if found else 0
    kept = _KEPT.setdefault(conn.engine, {})
    book = kept.get(shop_id)
    if book is None or book.stamp != stamp:
        book = kept[shop_id] = read_rulebook(conn, shop_id, now - KEEP_PAST, stamp)
    return book


def read_rulebook(conn: Connection, shop_id: int, since: datetime, stamp: int = 0) -> Rulebook:
    """Return the rulebook with every session and promotion that ended after `since`, freshly read."""
    rows = conn.execute(
        select(policies).where(policies.c.shop_id == shop_id).order_by(policies.c.kind, policies.c.version)
    )
    by_kind: dict[str, list[PolicyVersion]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(version_of(row))
    return Rulebook(
        shop_id,
        stamp,
        {kind: tuple(versions) for kind, versions in by_kind.items()},
        _live(conn, shop_id, since),
        _promotions(conn, shop_id, since),
        _exceptions(conn, shop_id, since),
    )


def _live(conn: Connection, shop_id: int, since: datetime) -> tuple[LiveSession, ...]:
    table = live_sessions.c
    rows = conn.execute(
        select(live_sessions)
        .where(
            table.shop_id == shop_id,
            table.cancelled_at.is_(None),
            or_(table.planned_end_at > since, table.actual_end_at > since),
        )
        .order_by(table.planned_start_at)
    )
    return tuple(live_session_of(row) for row in rows)


def _promotions(conn: Connection, shop_id: int, since: datetime) -> tuple[Promotion, ...]:
    table = promotions.c
    rows = conn.execute(
        select(promotions)
        .where(table.shop_id == shop_id, table.cancelled_at.is_(None), table.ends_at > since)
        .order_by(table.starts_at)
    )
    return tuple(promotion_of(row) for row in rows)


def _exceptions(conn: Connection, shop_id: int, since: datetime) -> dict[date, CalendarException]:
    table = calendar_exceptions.c
    rows = conn.execute(
        select(calendar_exceptions).where(
            table.shop_id == shop_id,
            table.removed_at.is_(None),
            table.on_date >= (since - timedelta(days=2)).date().isoformat(),
        )
    )
    return {found.on: found for found in map(exception_of, rows)}
