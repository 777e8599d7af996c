"""The reserve 机动人力 (spec §2.6): who stands by, and how large it should be."""

from __future__ import annotations

from sqlalchemy import insert, update

from miaohui.kit.errors import INVALID, STALE
from miaohui.kit.tx import Tx
from miaohui.staff import queries, store
from miaohui.staff.events import ReserveChanged
from miaohui.staff.model import AGENT_GONE


def join_reserve(tx: Tx, shop_id: int, user_id: int, reason: str) -> None:
    """Put an agent into the reserve. Raises: Refusal staff.agent_missing, staff.agent_gone."""
    agent = queries.get_agent(tx.conn, shop_id, user_id)
    if agent.departed_at is not None:
        AGENT_GONE.refuse(user_id=user_id)
    if agent.in_reserve:
        return
    tx.execute(
        insert(store.reserves).values(
            id=tx.ids.next(), shop_id=shop_id, user_id=user_id, since_at=tx.now, by_user_id=tx.actor.id,
            reason=reason,
        )
    )  # fmt: skip
    _announce(tx, shop_id, user_id, True)


def leave_reserve(tx: Tx, shop_id: int, user_id: int) -> None:
    """Take an agent out of the reserve; the row stays as history."""
    queries.get_agent(tx.conn, shop_id, user_id)
    r = store.reserves
    ended = tx.execute(
        update(r)
        .where(r.c.shop_id == shop_id, r.c.user_id == user_id, r.c.until_at.is_(None))
        .values(until_at=tx.now)
    )
    if ended.rowcount:
        _announce(tx, shop_id, user_id, False)


def _announce(tx: Tx, shop_id: int, user_id: int, is_member: bool) -> None:
    tx.audit("staff.reserve_changed", f"agent:{user_id}", {"is_member": is_member}, shop_id=shop_id)
    tx.feed(
        shop_id, ["board", "admin"], "staff.reserve_changed", {"user_id": user_id, "is_member": is_member}
    )
    tx.publish(ReserveChanged(shop_id, user_id, is_member, tx.now))


def set_reserve_target(tx: Tx, shop_id: int, ratio: float, reason: str, expected_version: int) -> int:
    """Set which share of the staff stands in reserve, from now on; return the new version.

    Units: `ratio` 0–1. Raises: Refusal kit.invalid, kit.stale. Source: spec §2.6 (5 % by default).
    """
    if not 0 <= ratio <= 1:
        INVALID.refuse(ratio=ratio)
    standing = queries.reserve_standing(tx.conn, shop_id, tx.now)
    if standing.version != expected_version:
        STALE.refuse(version=standing.version, ratio=standing.ratio)
    tx.execute(
        insert(store.reserve_targets).values(
            shop_id=shop_id, version=expected_version + 1, ratio=ratio, effective_at=tx.now,
            author_id=tx.actor.id, reason=reason,
        )
    )  # fmt: skip
    tx.audit("staff.reserve_target_set", "reserve", {"ratio": ratio, "reason": reason}, shop_id=shop_id)
    return expected_version + 1
