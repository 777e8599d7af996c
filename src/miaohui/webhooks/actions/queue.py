"""The queue of deliveries: made from feed events, claimed in small batches, tried again by schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import insert_new
from miaohui.kit.feed import FeedEvent
from miaohui.kit.tx import Tx
from miaohui.webhooks import queries, store
from miaohui.webhooks.model import (
    CLAIM_LASTS,
    IN_FLIGHT,
    KEEP_DELIVERIES,
    DeliveryState,
    EndpointState,
    wants,
)


@dataclass(frozen=True)
class Claimed:
    """A delivery in a sender's hands. `attempt` counts from 1."""

    id: int
    message_id: str
    body: str
    attempt: int


@dataclass(frozen=True)
class _New:
    """A delivery to be queued; `feed_id` None: a test or a replay."""

    event_type: str
    body: str
    feed_id: int | None = None
    delivery_id: int | None = None
    message_id: str = ""


def body_of(event_type: str, at: datetime, data_json: str) -> str:
    """Return the body of a delivery: type, time and data, as the specification recommends."""
    time_text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f'{{"type":"{event_type}","timestamp":"{time_text}","data":{data_json}}}'


def take_events(tx: Tx, events: Sequence[FeedEvent]) -> int:
    """Store a delivery for every endpoint that wants one of these feed events, and the place that was reached.

    Both are in one transaction, and an endpoint gets a feed event once whoever else follows the feed.
    Returns how many were stored.
    """
    listeners = queries.list_listeners(tx.conn)
    count = 0
    woken: set[tuple[int, int]] = set()
    for event in events:
        for listener in listeners:
            if is_wanted(listener, event):
                body = body_of(event.name, from_ms(event.at_ms), event.data)
                if _put(tx, listener.shop_id, listener.endpoint_id, _New(event.name, body, event.id)):
                    woken.add((listener.shop_id, listener.endpoint_id))
                    count += 1
    for shop_id, endpoint_id in sorted(woken):
        enqueue_drain(tx, shop_id, endpoint_id, tx.now)
    if events:
        move_place(tx, events[-1].id)
    return count


def is_wanted(listener: queries.Listener, event: FeedEvent) -> bool:
    """Tell whether an endpoint wants a feed event: its shop's, let through by its filters, later than these."""
    is_its = listener.shop_id == event.shop_id and event.id > listener.since_feed_id
    return is_its and wants(listener.filters, event.name)


def move_place(tx: Tx, feed_id: int) -> None:
    """Remember up to which feed id deliveries were made; never backwards."""
    insert_ = sqlite_insert if tx.conn.dialect.name == "sqlite" else postgres_insert
    put = insert_(store.places).values(name=queries.FEED_PLACE, feed_id=feed_id, at=tx.now)
    tx.execute(
        put.on_conflict_do_update(
            index_elements=["name"],
            set_={"feed_id": feed_id, "at": tx.now},
            where=store.places.c.feed_id < feed_id,
        )
    )


def add_delivery(
    tx: Tx, shop_id: int, endpoint_id: int, event_type: str, body: str, message_id: str = ""
) -> int:
    """Queue one delivery that is not of the feed (a test, a replay) and wake its sender; return its id."""
    delivery_id = tx.ids.next()
    _put(tx, shop_id, endpoint_id, _New(event_type, body, None, delivery_id, message_id))
    enqueue_drain(tx, shop_id, endpoint_id, tx.now)
    return delivery_id


def claim_deliveries(tx: Tx, shop_id: int, endpoint_id: int) -> list[Claimed]:
    """Take the next due deliveries of an endpoint: four at a time, one while it is failing, none on hold.

    A claim lapses after a minute, so a sender that dies costs a repeated attempt and no delivery.
    """
    row = tx.execute(
        select(store.endpoints).where(
            store.endpoints.c.shop_id == shop_id, store.endpoints.c.id == endpoint_id
        )
    ).first()
    if row is None or row.state != EndpointState.ACTIVE.value:
        return []
    if row.hold_until is not None and row.hold_until > tx.now:
        return []
    due = (
        select(store.deliveries.c.id)
        .where(
            store.deliveries.c.shop_id == shop_id,
            store.deliveries.c.endpoint_id == endpoint_id,
            store.deliveries.c.state == DeliveryState.QUEUED.value,
            store.deliveries.c.next_at <= tx.now,
        )
        .order_by(store.deliveries.c.next_at, store.deliveries.c.id)
        .limit(1 if row.failing_since is not None else IN_FLIGHT)
        .with_for_update(skip_locked=True)
    )
    found = tx.execute(
        update(store.deliveries)
        .where(store.deliveries.c.id.in_(due))
        .values(next_at=tx.now + CLAIM_LASTS, attempt_count=store.deliveries.c.attempt_count + 1)
        .returning(
            store.deliveries.c.id, store.deliveries.c.message_id, store.deliveries.c.body,
            store.deliveries.c.attempt_count,
        )
    )  # fmt: skip
    return sorted(
        (Claimed(r.id, r.message_id, r.body, r.attempt_count) for r in found), key=lambda claimed: claimed.id
    )


def wake_later(tx: Tx, shop_id: int, endpoint_id: int) -> None:
    """Store the next sending job of an endpoint, for when its next delivery is due or its hold ends."""
    row = tx.execute(
        select(store.endpoints.c.state, store.endpoints.c.hold_until).where(
            store.endpoints.c.shop_id == shop_id, store.endpoints.c.id == endpoint_id
        )
    ).first()
    due = queries.find_next_due(tx.conn, shop_id, endpoint_id)
    if row is None or row.state != EndpointState.ACTIVE.value or due is None:
        return
    enqueue_drain(tx, shop_id, endpoint_id, max(due, tx.now, row.hold_until or tx.now))


def enqueue_drain(tx: Tx, shop_id: int, endpoint_id: int, at: datetime) -> None:
    """Store a sending job; jobs of the same endpoint and moment are one."""
    tx.enqueue(
        "webhooks.send_due", {"endpoint_id": endpoint_id}, shop_id=shop_id, run_at=at,
        key=f"webhooks.send_due:{endpoint_id}:{to_ms(at)}",
    )  # fmt: skip


def purge_deliveries(tx: Tx) -> int:
    """Delete deliveries (and their attempts) that are over and older than thirty days; return how many."""
    before = tx.now - KEEP_DELIVERIES
    old = select(store.deliveries.c.id).where(
        store.deliveries.c.created_at < before, store.deliveries.c.state != DeliveryState.QUEUED.value
    )
    tx.execute(delete(store.attempts).where(store.attempts.c.delivery_id.in_(old)))
    return tx.execute(delete(store.deliveries).where(store.deliveries.c.id.in_(old))).rowcount


def _put(tx: Tx, shop_id: int, endpoint_id: int, new: _New) -> bool:
    """Insert a delivery unless this endpoint has this feed event already."""
    row_id = new.delivery_id or tx.ids.next()
    values: dict[str, Any] = {
        "id": row_id, "shop_id": shop_id, "endpoint_id": endpoint_id, "feed_id": new.feed_id,
        "message_id": new.message_id or f"msg_{row_id}", "event_type": new.event_type, "body": new.body,
        "state": DeliveryState.QUEUED.value, "attempt_count": 0, "next_at": tx.now, "created_at": tx.now,
    }  # fmt: skip
    return insert_new(tx.conn, store.deliveries, **values)
