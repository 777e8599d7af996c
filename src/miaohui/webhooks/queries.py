"""Public reads of outgoing webhooks. Secrets are not among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from miaohui.kit.errors import INVALID, NOT_FOUND
from miaohui.webhooks import store
from miaohui.webhooks.model import DeliveryState, EndpointState

FEED_PLACE = "feed"
MAX_LIMIT = 200


@dataclass(frozen=True)
class Listener:
    """An endpoint as the feed follower needs it."""

    shop_id: int
    endpoint_id: int
    filters: tuple[str, ...]
    since_feed_id: int


def get_endpoint(conn: Connection, shop_id: int, endpoint_id: int) -> Any:
    """Return an endpoint's row. Raises: Refusal kit.not_found, for deleted ones too."""
    row = conn.execute(
        select(store.endpoints).where(
            store.endpoints.c.shop_id == shop_id,
            store.endpoints.c.id == endpoint_id,
            store.endpoints.c.state != EndpointState.DELETED.value,
        )
    ).first()
    if row is None:
        NOT_FOUND.refuse(endpoint_id=endpoint_id)
    return row


def list_endpoints(conn: Connection, shop_id: int) -> Sequence[Any]:
    """Return a shop's endpoints, oldest first."""
    return conn.execute(
        select(store.endpoints)
        .where(store.endpoints.c.shop_id == shop_id, store.endpoints.c.state != EndpointState.DELETED.value)
        .order_by(store.endpoints.c.id)
    ).all()


def list_listeners(conn: Connection) -> list[Listener]:
    """Return every active endpoint of the installation with its filters."""
    rows = conn.execute(
        select(
            store.endpoints.c.shop_id,
            store.endpoints.c.id,
            store.endpoints.c.filters,
            store.endpoints.c.since_feed_id,
        )
        .where(store.endpoints.c.state == EndpointState.ACTIVE.value)
        .order_by(store.endpoints.c.id)
    )
    return [Listener(row.shop_id, row.id, tuple(row.filters), row.since_feed_id) for row in rows]


def list_endpoint_states(conn: Connection, shop_id: int, endpoint_id: int) -> Sequence[Any]:
    """Return who changed an endpoint's state, when and why, newest first."""
    return conn.execute(
        select(store.endpoint_states)
        .where(store.endpoint_states.c.shop_id == shop_id, store.endpoint_states.c.endpoint_id == endpoint_id)
        .order_by(store.endpoint_states.c.id.desc())
        .limit(50)
    ).all()


def count_deliveries(conn: Connection, shop_id: int, endpoint_id: int) -> dict[str, int]:
    """Return how many deliveries of an endpoint are in each state."""
    rows = conn.execute(
        select(store.deliveries.c.state, func.count())
        .where(store.deliveries.c.shop_id == shop_id, store.deliveries.c.endpoint_id == endpoint_id)
        .group_by(store.deliveries.c.state)
    )
    found = {str(row[0]): int(row[1]) for row in rows}
    return {state.value: found.get(state.value, 0) for state in DeliveryState}


def list_deliveries(
    conn: Connection, shop_id: int, endpoint_id: int, *, state: str | None = None, cursor: str | None = None,
    limit: int = 50,
) -> tuple[Sequence[Any], str | None]:  # fmt: skip
    """Return an endpoint's deliveries, newest first, and the cursor of the next page."""
    query = select(store.deliveries).where(
        store.deliveries.c.shop_id == shop_id, store.deliveries.c.endpoint_id == endpoint_id
    )
    if state is not None:
        query = query.where(store.deliveries.c.state == state)
    if cursor is not None:
        if not cursor.isdecimal() or len(cursor) > 16:
            INVALID.refuse(cursor=cursor[:40])
        query = query.where(store.deliveries.c.id < int(cursor))
    rows = conn.execute(query.order_by(store.deliveries.c.id.desc()).limit(limit + 1)).all()
    return rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None


def get_delivery(conn: Connection, shop_id: int, delivery_id: int) -> Any:
    """Return one delivery. Raises: Refusal kit.not_found."""
    row = conn.execute(
        select(store.deliveries).where(
            store.deliveries.c.shop_id == shop_id, store.deliveries.c.id == delivery_id
        )
    ).first()
    if row is None:
        NOT_FOUND.refuse(delivery_id=delivery_id)
    return row


def list_attempts(conn: Connection, shop_id: int, delivery_id: int) -> Sequence[Any]:
    """Return the attempts of a delivery, oldest first."""
    return conn.execute(
        select(store.attempts)
        .where(store.attempts.c.shop_id == shop_id, store.attempts.c.delivery_id == delivery_id)
        .order_by(store.attempts.c.id)
    ).all()


def find_next_due(conn: Connection, shop_id: int, endpoint_id: int) -> datetime | None:
    """Return when the next delivery of an endpoint is to be tried, None when nothing waits."""
    return conn.execute(
        select(store.deliveries.c.next_at)
        .where(
            store.deliveries.c.shop_id == shop_id,
            store.deliveries.c.endpoint_id == endpoint_id,
            store.deliveries.c.state == DeliveryState.QUEUED.value,
        )
        .order_by(store.deliveries.c.next_at)
        .limit(1)
    ).scalar()


def find_place(conn: Connection) -> int | None:
    """Return up to which feed id deliveries were made, None before the first."""
    return conn.execute(select(store.places.c.feed_id).where(store.places.c.name == FEED_PLACE)).scalar()
