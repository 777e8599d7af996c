"""API tokens: bound to one shop and to a list of permissions, shown once, worth no more than their maker."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from miaohui.access import model, queries, store
from miaohui.access.model import AccessPolicy
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import INVALID, NOT_FOUND
from miaohui.kit.randomness import secret_token
from miaohui.kit.tx import Tx

PREFIX = "mh_"


@dataclass(frozen=True)
class TokenGrant:
    """What a token shall be. `held`: what its maker may do in this shop."""

    label: str
    permissions: Collection[str]
    days: int
    held: frozenset[str]


def create_token(
    tx: Tx, shop_id: int, user_id: int, grant: TokenGrant, policy: AccessPolicy
) -> tuple[int, str]:
    """Make a token; return its id and its secret. It may do what its maker may, at most.

    Raises: Refusal kit.invalid for a permission that the maker lacks or that no token may have.
    """
    wanted, label = set(grant.permissions), grant.label.strip()[:60]
    excess = sorted(wanted - (grant.held - model.NOT_FOR_TOKENS))
    if excess or not wanted or not label or not 1 <= grant.days <= policy.token_max_days:
        INVALID.refuse(not_grantable=excess, max_days=policy.token_max_days)
    secret, token_id = PREFIX + secret_token(), tx.ids.next()
    tx.execute(
        insert(store.api_tokens).values(
            id=token_id,
            shop_id=shop_id,
            user_id=user_id,
            label=label,
            token_hash=queries.token_hash(secret),
            hint=secret[:8],
            permissions=sorted(wanted),
            created_at=tx.now,
            expires_at=tx.now + timedelta(days=grant.days),
        )
    )
    detail = {"label": label, "permissions": sorted(wanted), "days": grant.days}
    tx.audit("access.token_created", f"token:{token_id}", detail, shop_id=shop_id)
    return token_id, secret


def revoke_token(tx: Tx, shop_id: int, token_id: int, reason: str = "") -> None:
    """End a token of this shop at once. Raises: Refusal kit.not_found."""
    t = store.api_tokens
    row = tx.execute(select(t.c.id).where(t.c.id == token_id, t.c.shop_id == shop_id)).first()
    if not (row and tx.run(store.END_TOKEN, token_id, shop_id, to_ms(tx.now), tx.actor.id, reason)):
        NOT_FOUND.refuse()
    tx.audit("access.token_revoked", f"token:{token_id}", {"reason": reason}, shop_id=shop_id)
    tx.ring("access")


def touch_token(tx: Tx, token_id: int, at: datetime) -> None:
    """Note that a token was used."""
    tx.run(store.TOUCH_TOKEN, to_ms(at), token_id)
