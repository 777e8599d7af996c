"""What an attempt brought: the log, the next attempt, the endpoint's health, and the end of hopeless ones."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from miaohui.kit.tx import Tx
from miaohui.webhooks import queries, store
from miaohui.webhooks.actions.endpoints import set_endpoint_state
from miaohui.webhooks.actions.queue import Claimed, add_delivery, body_of, enqueue_drain
from miaohui.webhooks.model import (
    MAX_REPLAY,
    NOT_ACTIVE,
    SNIPPET_CHARS,
    DeliveryState,
    EndpointState,
    Health,
    Result,
    health_after,
    is_hopeless,
    next_attempt_at,
)


def record_attempt(tx: Tx, shop_id: int, endpoint_id: int, claimed: Claimed, result: Result) -> DeliveryState:
    """Log an attempt and decide what follows; return the delivery's state.

    An endpoint is disabled at HTTP 410, or after five days without one success; both are told on the feed.
    """
    tx.execute(
        insert(store.attempts).values(
            id=tx.ids.next(), shop_id=shop_id, delivery_id=claimed.id, number=claimed.attempt, at=tx.now,
            took_ms=result.took_ms, status=result.status, snippet=result.snippet[:SNIPPET_CHARS],
            error=result.error[:SNIPPET_CHARS],
        )
    )  # fmt: skip
    state = _settle(tx, claimed, result)
    _note_health(tx, shop_id, endpoint_id, result)
    return state


def _settle(tx: Tx, claimed: Claimed, result: Result) -> DeliveryState:
    """Write the delivery's next state; an answer that came after somebody else settled it changes nothing."""
    again = (
        None
        if result.is_ok
        else next_attempt_at(claimed.attempt, tx.now, tx.rng.random(), result.retry_after_s)
    )
    ended = DeliveryState.DELIVERED if result.is_ok else DeliveryState.FAILED
    state = ended if again is None else DeliveryState.QUEUED
    tx.execute(
        update(store.deliveries)
        .where(
            store.deliveries.c.id == claimed.id, store.deliveries.c.state == DeliveryState.QUEUED.value
        )
        .values(
            state=state.value, next_at=again,
            finished_at=None if state is DeliveryState.QUEUED else tx.now,
        )
    )  # fmt: skip
    return state


def _note_health(tx: Tx, shop_id: int, endpoint_id: int, result: Result) -> None:
    row = tx.execute(
        select(store.endpoints)
        .where(store.endpoints.c.shop_id == shop_id, store.endpoints.c.id == endpoint_id)
        .with_for_update()
    ).first()
    if row is None or row.state != EndpointState.ACTIVE.value:
        return
    before = Health(row.failing_since, row.failure_count, row.hold_until)
    after = health_after(before, result, tx.now)
    if after == before:
        return
    tx.execute(
        update(store.endpoints)
        .where(store.endpoints.c.id == endpoint_id)
        .values(
            failing_since=after.failing_since, failure_count=after.failure_count, hold_until=after.hold_until
        )
    )
    if result.is_gone:
        _disable(tx, shop_id, endpoint_id, "对方返回 410，表示不再接收")
    elif is_hopeless(after, tx.now):
        _disable(tx, shop_id, endpoint_id, "连续五天没有一次成功，系统已停用")


def _disable(tx: Tx, shop_id: int, endpoint_id: int, reason: str) -> None:
    set_endpoint_state(tx, shop_id, endpoint_id, EndpointState.DISABLED, reason)
    tx.feed(
        shop_id,
        ("admin", "board"),
        "webhooks.endpoint_disabled",
        {"endpoint_id": endpoint_id, "reason": reason},
    )


def send_test(tx: Tx, shop_id: int, endpoint_id: int) -> int:
    """Queue a test delivery; return its id. Raises: Refusal kit.not_found, webhooks.not_active."""
    row = queries.get_endpoint(tx.conn, shop_id, endpoint_id)
    if row.state != EndpointState.ACTIVE.value:
        NOT_ACTIVE.refuse(state=row.state)
    body = body_of("webhooks.ping", tx.now, f'{{"endpoint_id":{endpoint_id},"message":"秒回 Miaohui"}}')
    return add_delivery(tx, shop_id, endpoint_id, "webhooks.ping", body)


def replay_delivery(tx: Tx, shop_id: int, delivery_id: int) -> int:
    """Send a delivery again under its old id, so that a consumer which had it already can tell; return the new row's
    id. Raises: Refusal kit.not_found, webhooks.not_active."""
    row = queries.get_delivery(tx.conn, shop_id, delivery_id)
    endpoint = queries.get_endpoint(tx.conn, shop_id, row.endpoint_id)
    if endpoint.state != EndpointState.ACTIVE.value:
        NOT_ACTIVE.refuse(state=endpoint.state)
    return add_delivery(tx, shop_id, row.endpoint_id, row.event_type, row.body, row.message_id)


def replay_failed(tx: Tx, shop_id: int, endpoint_id: int) -> int:
    """Queue every failed delivery of an endpoint again with fresh attempts, at most 5,000; return how many.

    Raises: Refusal kit.not_found, webhooks.not_active.
    """
    endpoint = queries.get_endpoint(tx.conn, shop_id, endpoint_id)
    if endpoint.state != EndpointState.ACTIVE.value:
        NOT_ACTIVE.refuse(state=endpoint.state)
    failed = (
        select(store.deliveries.c.id)
        .where(
            store.deliveries.c.shop_id == shop_id,
            store.deliveries.c.endpoint_id == endpoint_id,
            store.deliveries.c.state == DeliveryState.FAILED.value,
        )
        .order_by(store.deliveries.c.id)
        .limit(MAX_REPLAY)
    )
    count = tx.execute(
        update(store.deliveries)
        .where(store.deliveries.c.id.in_(failed))
        .values(state=DeliveryState.QUEUED.value, attempt_count=0, next_at=tx.now, finished_at=None)
    ).rowcount
    if count:
        enqueue_drain(tx, shop_id, endpoint_id, tx.now)
    return count
