"""Where events go: endpoints, their secrets and states. Every change is audited."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update

from miaohui.kit import feed
from miaohui.kit.crypto import Vault
from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.webhooks import queries, store
from miaohui.webhooks.actions.queue import enqueue_drain
from miaohui.webhooks.model import (
    BAD_FILTER,
    MAX_ENDPOINTS,
    OLD_SECRET_LASTS,
    SECRET_BYTES,
    TOO_MANY_ENDPOINTS,
    DeliveryState,
    EndpointState,
    is_filter,
    secret_text,
)


@dataclass(frozen=True)
class Endpoint:
    """What a person says about an endpoint. `filters`: event names, `room.*` or `*`."""

    url: str
    filters: tuple[str, ...]
    description: str = ""


def secret_context(endpoint_id: int) -> str:
    """Return what an endpoint's secret is sealed to."""
    return f"webhooks_endpoints.secret:{endpoint_id}"


def add_endpoint(tx: Tx, vault: Vault, shop_id: int, endpoint: Endpoint) -> tuple[int, str]:
    """Store an endpoint; return its id and its secret, which is shown this once.

    Raises: Refusal webhooks.too_many_endpoints, webhooks.bad_filter.
    """
    _check_filters(endpoint.filters)
    if len(queries.list_endpoints(tx.conn, shop_id)) >= MAX_ENDPOINTS:
        TOO_MANY_ENDPOINTS.refuse(limit=MAX_ENDPOINTS)
    endpoint_id, secret = tx.ids.next(), secret_text(os.urandom(SECRET_BYTES))
    tx.execute(
        insert(store.endpoints).values(
            id=endpoint_id, shop_id=shop_id, url=endpoint.url, description=endpoint.description,
            filters=list(endpoint.filters), secret_sealed=vault.seal(secret, secret_context(endpoint_id)),
            state=EndpointState.ACTIVE.value, since_feed_id=_feed_now(tx),
            failure_count=0, version=1, created_at=tx.now, updated_at=tx.now,
        )
    )  # fmt: skip
    _note_state(tx, shop_id, endpoint_id, EndpointState.ACTIVE, "新建")
    tx.audit("webhooks.endpoint_added", f"endpoint:{endpoint_id}", {"url": endpoint.url}, shop_id=shop_id)
    _tell(tx, shop_id, endpoint_id, "added")
    return endpoint_id, secret


def edit_endpoint(tx: Tx, shop_id: int, endpoint_id: int, version: int, endpoint: Endpoint) -> None:
    """Change address, description and filters. Raises: Refusal kit.not_found, kit.stale, webhooks.bad_filter."""
    _check_filters(endpoint.filters)
    row = queries.get_endpoint(tx.conn, shop_id, endpoint_id)
    if row.version != version:
        STALE.refuse(
            current={"version": row.version, "url": row.url, "filters": row.filters,
                     "description": row.description}
        )  # fmt: skip
    since = row.since_feed_id if row.filters == list(endpoint.filters) else _feed_now(tx)
    tx.execute(
        update(store.endpoints)
        .where(store.endpoints.c.id == endpoint_id)
        .values(
            url=endpoint.url, description=endpoint.description, filters=list(endpoint.filters),
            since_feed_id=since, version=version + 1, updated_at=tx.now,
        )
    )  # fmt: skip
    tx.audit("webhooks.endpoint_edited", f"endpoint:{endpoint_id}", {"url": endpoint.url}, shop_id=shop_id)
    _tell(tx, shop_id, endpoint_id, "edited")


def change_secret(tx: Tx, vault: Vault, shop_id: int, endpoint_id: int) -> str:
    """Give an endpoint a new secret and return it; for a day attempts are signed with both.

    Raises: Refusal kit.not_found.
    """
    row = queries.get_endpoint(tx.conn, shop_id, endpoint_id)
    secret = secret_text(os.urandom(SECRET_BYTES))
    tx.execute(
        update(store.endpoints)
        .where(store.endpoints.c.id == endpoint_id)
        .values(
            secret_sealed=vault.seal(secret, secret_context(endpoint_id)), old_secret_sealed=row.secret_sealed,
            old_secret_until=tx.now + OLD_SECRET_LASTS, updated_at=tx.now,
        )
    )  # fmt: skip
    tx.audit("webhooks.secret_changed", f"endpoint:{endpoint_id}", {}, shop_id=shop_id)
    _tell(tx, shop_id, endpoint_id, "secret_changed")
    return secret


def set_endpoint_state(tx: Tx, shop_id: int, endpoint_id: int, state: EndpointState, reason: str) -> None:
    """Pause, enable, disable or delete an endpoint: a row with who and why.

    Order: enabling clears the hold and sends what waits; deleting erases the secrets and drops what waits.
    Raises: Refusal kit.not_found.
    """
    row = queries.get_endpoint(tx.conn, shop_id, endpoint_id)
    if row.state == state.value:
        return
    values: dict[str, Any] = {"state": state.value, "version": row.version + 1, "updated_at": tx.now}
    if state is EndpointState.ACTIVE:
        values |= {
            "failing_since": None,
            "failure_count": 0,
            "hold_until": None,
            "since_feed_id": _feed_now(tx),
        }
    if state is EndpointState.DELETED:
        values |= {"secret_sealed": "", "old_secret_sealed": None}
        _drop_queued(tx, shop_id, endpoint_id)
    tx.execute(update(store.endpoints).where(store.endpoints.c.id == endpoint_id).values(**values))
    _note_state(tx, shop_id, endpoint_id, state, reason)
    tx.audit(
        f"webhooks.endpoint_{state.value}", f"endpoint:{endpoint_id}", {"reason": reason}, shop_id=shop_id
    )
    _tell(tx, shop_id, endpoint_id, state.value)
    if state is EndpointState.ACTIVE:
        enqueue_drain(tx, shop_id, endpoint_id, tx.now)


def _feed_now(tx: Tx) -> int:
    """Return the newest feed id: an endpoint gets what comes after its filters were set, never what was before."""
    return feed.edges(tx.conn)[1]


def _check_filters(filters: Sequence[str]) -> None:
    wrong = [one for one in filters if not is_filter(one)]
    if wrong or not filters:
        BAD_FILTER.refuse(filters=wrong[:10])


def _drop_queued(tx: Tx, shop_id: int, endpoint_id: int) -> None:
    tx.execute(
        update(store.deliveries)
        .where(
            store.deliveries.c.shop_id == shop_id,
            store.deliveries.c.endpoint_id == endpoint_id,
            store.deliveries.c.state == DeliveryState.QUEUED.value,
        )
        .values(state=DeliveryState.DROPPED.value, next_at=None, finished_at=tx.now)
    )


def _note_state(tx: Tx, shop_id: int, endpoint_id: int, state: EndpointState, reason: str) -> None:
    tx.execute(
        insert(store.endpoint_states).values(
            id=tx.ids.next(), shop_id=shop_id, endpoint_id=endpoint_id, state=state.value, reason=reason,
            by_name=tx.actor.name or tx.actor.kind, at=tx.now,
        )
    )  # fmt: skip


def _tell(tx: Tx, shop_id: int, endpoint_id: int, change: str) -> None:
    tx.feed(shop_id, ("admin",), "webhooks.endpoint_changed", {"endpoint_id": endpoint_id, "change": change})
