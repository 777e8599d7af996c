"""Invitations into a shop and links for a new password."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request
from sqlalchemy.engine import Connection

from miaohui.access import actions, model, queries
from miaohui.access.model import (
    ABOVE_YOU,
    ALREADY_MEMBER,
    FOREIGN_ORIGIN,
    INVITATION_GONE,
    LOCKED,
    LOGIN_TAKEN,
    MEMBER_ELSEWHERE,
    SESSION_NEEDED,
    WEAK_PASSWORD,
)
from miaohui.access.queries import Invitation
from miaohui.access.routes.authenticator import SessionAuthenticator, ip_of
from miaohui.access.routes.door import Door, Logged, Manager, check_password, own_session, same_site
from miaohui.access.routes.people import check_above
from miaohui.access.routes.proof import hashed
from miaohui.access.schemas import (
    InvitationList,
    InvitationRow,
    Invite,
    Join,
    Joined,
    LinkOffer,
    Newcomer,
    ResetAccept,
)
from miaohui.kit.errors import INVALID, NOT_FOUND
from miaohui.kit.http import Rt, refusals
from miaohui.kit.tx import Actor, Tx

router = APIRouter(prefix="/api", tags=["access"])
# The port `group_ids_of_shop`: groups are the business of a room above this one.
GroupIdsOfShop = Callable[[Connection, int], set[int]]


def _row(found: Invitation) -> InvitationRow:
    return InvitationRow(
        id=found.id, display_name=found.display_name, role=found.role, group_ids=found.group_ids,
        role_zh=model.ROLE_NAMES_ZH.get(found.role, found.role), for_user_id=found.user_id,
        created_at=found.created_at, expires_at=found.expires_at, by_user_id=found.by_user_id,
    )  # fmt: skip


@router.get("/invitations", summary="未使用的邀请", operation_id="list_invitations", responses=refusals())
async def list_invitations(caller: Manager, rt: Rt) -> InvitationList:
    """List the shop's invitations and password links that still work, newest first."""
    found = await rt.read(lambda conn: queries.list_invitations(conn, caller.shop_id, rt.clock.now()))
    return InvitationList(items=[_row(i) for i in found])


@router.post(
    "/invitations",
    summary="邀请人员",
    operation_id="invite_user",
    responses=refusals(INVALID, ABOVE_YOU),
    status_code=201,
)
async def invite_user(body: Invite, caller: Manager, door: Door, rt: Rt) -> LinkOffer:
    """Invite somebody into the shop: one use, at most 24 hours, the secret shown once."""
    if body.role not in model.ROLES:
        INVALID.refuse(role=body.role)
    check_above(caller, body.role)
    group_ids_of_shop: GroupIdsOfShop = rt.ports["group_ids_of_shop"]

    def write(tx: Tx) -> actions.Offer:
        unknown = set(body.group_ids) - group_ids_of_shop(tx.conn, caller.shop_id)
        if unknown:
            NOT_FOUND.refuse(group_id=min(unknown))
        what = (body.display_name, body.role, body.group_ids)
        return actions.invite(tx, caller.shop_id, *what, door.policy)

    return LinkOffer.model_validate(await rt.write(caller.actor, write))


@router.delete(
    "/invitations/{invitation_id}",
    summary="撤回邀请",
    operation_id="withdraw_invitation",
    responses=refusals(),
    status_code=204,
)
async def withdraw_invitation(invitation_id: int, caller: Manager, rt: Rt) -> None:
    """Make an invitation or a password link useless."""
    await rt.write(caller.actor, lambda tx: actions.withdraw_invitation(tx, caller.shop_id, invitation_id))


async def _found(request: Request, door: SessionAuthenticator, secret: str) -> Invitation:
    """Return the invitation of a secret; a wrong one counts against the caller's address.

    Raises: Refusal access.invitation_gone, access.locked.
    """
    visitor = Actor("user", None, "", ip_of(request))
    network = model.network_of(visitor.ip)
    found = await door.rt.read(lambda conn: queries.find_invitation(conn, secret, door.rt.clock.now()))
    if found is None:

        def note(tx: Tx) -> None:
            actions.check_network(tx, network, door.policy)
            actions.note_failure(tx, network)

        await door.rt.write(visitor, note)
        model.INVITATION_GONE.refuse()
    return found


@router.post(
    "/invitations/acceptance",
    summary="接受邀请（新账号）",
    operation_id="accept_invitation",
    responses=refusals(INVITATION_GONE, LOGIN_TAKEN, WEAK_PASSWORD, LOCKED, FOREIGN_ORIGIN),
    status_code=201,
    dependencies=[Depends(same_site)],
)
async def accept_invitation(body: Newcomer, request: Request, door: Door, rt: Rt) -> Joined:
    """Make an account and enter the shop that invited; then log in."""
    await _found(request, door, body.secret)
    check_password(door, body.password, (body.login, body.display_name))
    password_hash = await hashed(door, body.password)

    def enter(tx: Tx) -> Joined:
        user_id = actions.create_user(tx, body.login, body.display_name, password_hash)
        return Joined(shop_id=actions.accept(tx, body.secret, user_id), user_id=user_id)

    return await rt.write(Actor("user", None, body.display_name, ip_of(request)), enter)


@router.post(
    "/memberships",
    summary="接受邀请（已有账号）",
    operation_id="join_shop",
    responses=refusals(INVITATION_GONE, ALREADY_MEMBER, LOCKED, SESSION_NEEDED),
    status_code=201,
)
async def join_shop(body: Join, caller: Logged, request: Request, door: Door, rt: Rt) -> Joined:
    """Enter another shop with the account that is logged in."""
    own_session(caller)
    await _found(request, door, body.secret)
    shop_id = await rt.write(caller.actor, lambda tx: actions.accept(tx, body.secret, caller.user_id))
    return Joined(shop_id=shop_id, user_id=caller.user_id)


@router.post(
    "/password-resets/acceptance",
    summary="用链接重设密码",
    operation_id="accept_password_reset",
    responses=refusals(INVITATION_GONE, WEAK_PASSWORD, LOCKED, MEMBER_ELSEWHERE, FOREIGN_ORIGIN),
    status_code=204,
    dependencies=[Depends(same_site)],
)
async def accept_password_reset(body: ResetAccept, request: Request, door: Door, rt: Rt) -> None:
    """Set a new password with a one-use link; every session ends, a second factor stays in force."""
    found = await _found(request, door, body.secret)
    if found.user_id is None:
        INVITATION_GONE.refuse()
    user_id = found.user_id
    user = await rt.read(lambda conn: queries.get_user(conn, user_id))
    check_password(door, body.password, (user.login, user.display_name))
    password_hash = await hashed(door, body.password)
    actor = Actor("user", user.id, user.display_name, ip_of(request))
    await rt.write(actor, lambda tx: actions.accept_reset(tx, body.secret, password_hash))
