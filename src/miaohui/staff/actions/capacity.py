"""Capacity 接待上限: a dated, versioned number per agent, announced at its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.staff import queries, store
from miaohui.staff.events import CapacityChanged
from miaohui.staff.model import BAD_CAPACITY, is_valid_capacity

FIRE_LIMIT = 200


@dataclass(frozen=True)
class CapacityChange:
    """A new capacity; `effective_at` None or past means at once."""

    max_concurrency: int
    reason: str = ""
    effective_at: datetime | None = None


def set_capacity(tx: Tx, shop_id: int, user_id: int, change: CapacityChange, expected_version: int) -> int:
    """Set an agent's capacity, now or for later; return the new version.

    Raises: Refusal staff.agent_missing, staff.bad_capacity, kit.stale. Source: domain.md §5.1 (1–50).
    """
    queries.get_agent(tx.conn, shop_id, user_id)
    if not is_valid_capacity(change.max_concurrency):
        BAD_CAPACITY.refuse(max_concurrency=change.max_concurrency)
    known = queries.list_capacities(tx.conn, shop_id, user_id)
    newest = known[0] if known else None
    if (newest.version if newest else 0) != expected_version:
        STALE.refuse(
            version=newest.version if newest else 0,
            max_concurrency=newest.max_concurrency if newest else None,
        )
    version = expected_version + 1
    at = max(tx.now, change.effective_at or tx.now)
    tx.execute(
        insert(store.capacities).values(
            shop_id=shop_id, user_id=user_id, version=version, effective_at=at,
            max_concurrency=change.max_concurrency, author_id=tx.actor.id, reason=change.reason,
            created_at=tx.now,
        )
    )  # fmt: skip
    tx.audit(
        "staff.capacity_set", f"agent:{user_id}",
        {"max_concurrency": change.max_concurrency, "effective_at": at.isoformat(), "reason": change.reason},
        shop_id=shop_id,
    )  # fmt: skip
    if at > tx.now:
        tx.execute(
            insert(store.capacity_starts).values(
                shop_id=shop_id, user_id=user_id, version=version, starts_at=at
            )
        )
        tx.ring("timers")
    else:
        _announce(tx, shop_id, user_id)
    return version


def _announce(tx: Tx, shop_id: int, user_id: int) -> None:
    holds = queries.capacity_at(tx.conn, shop_id, user_id, tx.now)
    data = {"user_id": user_id, "max_concurrency": holds}
    tx.feed(shop_id, ["shop", "board", f"agent:{user_id}"], "staff.capacity_changed", data)
    tx.publish(CapacityChanged(shop_id, user_id, holds, tx.now))


def announce_due_capacities(tx: Tx) -> int:
    """Announce planned capacities whose time has come, each once; return how many."""
    s = store.capacity_starts
    due = tx.execute(select(s).where(s.c.starts_at <= tx.now).order_by(s.c.starts_at).limit(FIRE_LIMIT)).all()
    fired = 0
    for row in due:
        taken = tx.execute(
            delete(s).where(
                s.c.shop_id == row.shop_id, s.c.user_id == row.user_id, s.c.version == row.version
            )
        )
        if taken.rowcount:
            fired += 1
            _announce(tx, row.shop_id, row.user_id)
    return fired
