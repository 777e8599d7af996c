"""Invitations and password links: one use, at most 24 hours, the secret shown once (ASVS 6.4.1, R13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from miaohui.access import model, queries, store
from miaohui.access.actions.members import Change, grant_role
from miaohui.access.actions.people import set_password
from miaohui.access.model import AccessPolicy
from miaohui.access.queries import Invitation
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import INVALID, NOT_FOUND
from miaohui.kit.randomness import secret_token
from miaohui.kit.tx import Tx


@dataclass(frozen=True)
class Offer:
    """A fresh link. `secret` is shown once and stored nowhere."""

    id: int
    secret: str
    expires_at: datetime


def invite(
    tx: Tx, shop_id: int, display_name: str, role: str, group_ids: Sequence[int], policy: AccessPolicy
) -> Offer:
    """Invite somebody into a shop. Raises: Refusal kit.invalid."""
    if role not in model.ROLES:
        INVALID.refuse(role=role)
    offer = _offer(
        tx, shop_id, (display_name.strip(), role, sorted(set(group_ids)), None), policy.invitation_s
    )
    tx.audit("access.invited", f"invitation:{offer.id}", {"role": role}, shop_id=shop_id)
    return offer


def offer_reset(tx: Tx, shop_id: int, user_id: int, policy: AccessPolicy) -> Offer:
    """Make a link by which a member sets a new password; nobody else ever knows it.

    Raises: Refusal kit.not_found; access.member_elsewhere, since the account opens other shops' doors too.
    """
    user = queries.get_user(tx.conn, user_id)
    check_only_here(tx, shop_id, user_id)
    role = queries.get_membership(tx.conn, shop_id, user_id).role or NOT_FOUND.refuse()
    offer = _offer(tx, shop_id, (user.display_name, role, [], user_id), policy.reset_s)
    tx.audit("access.password_reset_offered", f"user:{user_id}", shop_id=shop_id)
    return offer


def check_only_here(tx: Tx, shop_id: int, user_id: int) -> None:
    """Refuse to touch an account that belongs to other shops as well.

    Raises: Refusal kit.not_found, access.member_elsewhere.
    """
    shops = set(queries.list_shop_roles(tx.conn, user_id))
    if shop_id not in shops:
        NOT_FOUND.refuse()
    if shops != {shop_id}:
        model.MEMBER_ELSEWHERE.refuse()


def _offer(tx: Tx, shop_id: int, what: tuple[str, str, list[int], int | None], span_s: int) -> Offer:
    display_name, role, group_ids, user_id = what
    offer = Offer(tx.ids.next(), secret_token(), tx.now + timedelta(seconds=min(span_s, 24 * 3_600)))
    tx.execute(
        insert(store.invitations).values(
            id=offer.id,
            shop_id=shop_id,
            token_hash=queries.token_hash(offer.secret),
            display_name=display_name,
            role=role,
            group_ids=group_ids,
            user_id=user_id,
            created_at=tx.now,
            expires_at=offer.expires_at,
            by_user_id=tx.actor.id,
        )
    )
    return offer


def accept(tx: Tx, secret: str, user_id: int) -> int:
    """Let a person into the shop that invited; return the shop. Works once.

    Raises: Refusal access.invitation_gone, access.already_member.
    """
    found = _usable(tx, secret)
    if found.user_id is not None:
        model.INVITATION_GONE.refuse()
    known = queries.find_membership(tx.conn, found.shop_id, user_id)
    if known is not None and known.role is not None:
        model.ALREADY_MEMBER.refuse()
    _use_up(tx, found, "accepted", user_id)
    grant_role(tx, found.shop_id, user_id, found.role, found.group_ids, Change("invitation"))
    tx.audit(
        "access.invitation_accepted", f"invitation:{found.id}", {"user_id": user_id}, shop_id=found.shop_id
    )
    return found.shop_id


def accept_reset(tx: Tx, secret: str, password_hash: str) -> int:
    """Set the new password of a password link; return the person. Works once.

    Raises: Refusal access.invitation_gone.
    """
    found = _usable(tx, secret)
    if found.user_id is None:
        model.INVITATION_GONE.refuse()
    check_only_here(tx, found.shop_id, found.user_id)
    _use_up(tx, found, "accepted", found.user_id)
    set_password(tx, found.user_id, password_hash)
    return found.user_id


def withdraw_invitation(tx: Tx, shop_id: int, invitation_id: int) -> None:
    """Make an invitation or password link of this shop useless. Raises: Refusal kit.not_found."""
    t = store.invitations
    row = tx.execute(select(t.c.id).where(t.c.id == invitation_id, t.c.shop_id == shop_id)).first()
    used = row and tx.run(
        store.END_INVITATION, invitation_id, shop_id, "withdrawn", tx.actor.id, to_ms(tx.now)
    )
    if not used:
        NOT_FOUND.refuse()
    tx.audit("access.invitation_withdrawn", f"invitation:{invitation_id}", shop_id=shop_id)


def _usable(tx: Tx, secret: str) -> Invitation:
    return queries.find_invitation(tx.conn, secret, tx.now) or model.INVITATION_GONE.refuse()


def _use_up(tx: Tx, found: Invitation, outcome: str, user_id: int) -> None:
    if tx.run(store.END_INVITATION, found.id, found.shop_id, outcome, user_id, to_ms(tx.now)) != 1:
        model.INVITATION_GONE.refuse()
