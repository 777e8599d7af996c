"""Reads of the shop itself and its tier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from miaohui.kit.errors import NOT_FOUND
from miaohui.shop.model import Tier
from miaohui.shop.model.tiers import named_tier, tiers_of
from miaohui.shop.queries.policies import get_policy
from miaohui.shop.store import shops, tier_decisions, tier_proposals

_PROPOSALS = (
    select(
        tier_proposals,
        tier_decisions.c.decision,
        tier_decisions.c.reason,
        tier_decisions.c.author,
        tier_decisions.c.at.label("decided_at"),
    )
    .select_from(
        tier_proposals.outerjoin(tier_decisions, tier_decisions.c.proposal_id == tier_proposals.c.id)
    )
)  # fmt: skip


def find_shop(conn: Connection, shop_id: int) -> Row[Any] | None:
    """Return the shop's row, or None."""
    return conn.execute(select(shops).where(shops.c.id == shop_id)).first()


def get_shop(conn: Connection, shop_id: int) -> Row[Any]:
    """Return the shop's row. Raises: Refusal kit.not_found."""
    row = find_shop(conn, shop_id)
    return row if row is not None else NOT_FOUND.refuse()


def list_shops(conn: Connection, shop_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the rows of these shops by name; for the list of shops that somebody may enter."""
    return list(conn.execute(select(shops).where(shops.c.id.in_(shop_ids)).order_by(shops.c.name)))


def list_shop_ids(conn: Connection) -> list[int]:
    """Return every shop of this installation; for periodic work only."""
    return list(conn.execute(select(shops.c.id).order_by(shops.c.id)).scalars())


def get_tier(conn: Connection, shop_id: int, at: datetime) -> Tier:
    """Return the tier that holds at `at` with its target and head count. Source: spec §1.3."""
    table = tiers_of(get_policy(conn, shop_id, "tiers", at).value)
    return named_tier(get_policy(conn, shop_id, "tier", at).value["tier"], table)


def list_tier_proposals(conn: Connection, shop_id: int, limit: int = 50) -> list[Row[Any]]:
    """Return proposals with their decisions, newest first; `decision` None: still open."""
    query = _PROPOSALS.where(tier_proposals.c.shop_id == shop_id)
    return list(conn.execute(query.order_by(tier_proposals.c.id.desc()).limit(limit)))


def get_tier_proposal(conn: Connection, shop_id: int, proposal_id: int) -> Row[Any]:
    """Return one proposal. Raises: Refusal kit.not_found."""
    query = _PROPOSALS.where(tier_proposals.c.shop_id == shop_id, tier_proposals.c.id == proposal_id)
    row = conn.execute(query).first()
    return row if row is not None else NOT_FOUND.refuse()
