"""Propose another tier when measured orders say so; a person accepts or declines (spec §1.3)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from miaohui.kit.tx import Tx
from miaohui.shop.actions.policies import Edit, set_policy
from miaohui.shop.events import TierChangeProposed
from miaohui.shop.model import ALREADY_DECIDED
from miaohui.shop.model.tiers import tier_of, tiers_of
from miaohui.shop.queries import get_policy, get_tier, get_tier_proposal, list_tier_proposals
from miaohui.shop.store import tier_decisions, tier_proposals

ASK_AGAIN_AFTER = timedelta(days=14)


def propose_tier(tx: Tx, shop_id: int, orders_per_day: float, measured_days: int) -> int | None:
    """Store a proposal when the measured orders belong to another tier; return its id, else None.

    The same tier is not proposed twice while a proposal is open, nor within 14 days after a no (ours).
    Source: spec §1.3: an event with a proposal, not a silent switch.
    """
    current = get_tier(tx.conn, shop_id, tx.now)
    table = tiers_of(get_policy(tx.conn, shop_id, "tiers", tx.now).value)
    wanted = tier_of(orders_per_day, table)
    if wanted.tier == current.tier:
        return None
    for row in list_tier_proposals(tx.conn, shop_id):
        recent = row.decided_at is not None and row.decided_at > tx.now - ASK_AGAIN_AFTER
        if row.to_tier == wanted.tier and (row.decision is None or (row.decision == "declined" and recent)):
            return None
    proposal_id = tx.ids.next()
    tx.execute(
        insert(tier_proposals).values(
            id=proposal_id, shop_id=shop_id, from_tier=current.tier, to_tier=wanted.tier,
            orders_per_day=orders_per_day, measured_days=measured_days, created_at=tx.now,
        )
    )  # fmt: skip
    tx.feed(
        shop_id,
        ["board", "admin"],
        "shop.tier_change_proposed",
        {"proposal_id": proposal_id, "from_tier": current.tier, "to_tier": wanted.tier,
         "orders_per_day": orders_per_day},
    )  # fmt: skip
    tx.publish(TierChangeProposed(shop_id, proposal_id, current.tier, wanted.tier, orders_per_day, tx.now))
    return proposal_id


def decide_tier_proposal(tx: Tx, shop_id: int, proposal_id: int, decision: str, reason: str) -> None:
    """Accept or decline a proposal; accepting writes a new version of the policy `tier`.

    Shape: `decision` is 'accepted' or 'declined'.
    Raises: Refusal kit.not_found, shop.already_decided.
    """
    row = get_tier_proposal(tx.conn, shop_id, proposal_id)
    if row.decision is not None:
        ALREADY_DECIDED.refuse(decision=row.decision, by=row.author)
    tx.execute(
        insert(tier_decisions).values(
            proposal_id=proposal_id, shop_id=shop_id, decision=decision, reason=reason,
            author_id=tx.actor.id, author=tx.actor.name, at=tx.now,
        )
    )  # fmt: skip
    tx.audit("shop.tier_decided", f"tier_proposal:{proposal_id}", {"decision": decision}, shop_id=shop_id)
    if decision == "accepted":
        text = reason or f"近 {row.measured_days} 天日均 {row.orders_per_day:g} 单"
        set_policy(tx, shop_id, "tier", {"tier": row.to_tier}, Edit(reason=text))
    tx.feed(
        shop_id, ["board", "admin"], "shop.tier_decided", {"proposal_id": proposal_id, "decision": decision}
    )
