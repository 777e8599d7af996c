"""The people of a shop: list, role, departure, and help for who is locked out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from miaohui.access import actions, model, queries
from miaohui.access.model import ABOVE_YOU, LAST_OWNER, MEMBER_ELSEWHERE, TOTP_OFF
from miaohui.access.queries import Member
from miaohui.access.routes.door import Door, Logged, Manager
from miaohui.access.schemas import (
    Departure,
    Ended,
    LinkOffer,
    MemberList,
    MemberRow,
    PermissionRow,
    RoleChange,
    RoleRow,
    Roles,
)
from miaohui.kit.errors import INVALID, NOT_FOUND, STALE
from miaohui.kit.http import Caller, Rt, refusals
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api", tags=["access"])
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(pattern=r"^\d{1,16}$", description="上一页的 next_cursor")]


def _row(member: Member) -> MemberRow:
    role_zh = model.ROLE_NAMES_ZH[member.role] if member.role else "已离开"
    return MemberRow(**{**vars(member), "group_ids": list(member.group_ids)}, role_zh=role_zh)


def check_above(caller: Caller, *roles: str | None) -> None:
    """Refuse to act on a role at or above one's own. Raises: Refusal access.above_you."""
    if not all(role is None or model.may_govern(caller.role, role) for role in roles):
        ABOVE_YOU.refuse()


def _governed(tx: Tx, caller: Caller, user_id: int) -> None:
    """Raises: Refusal kit.not_found for who is no member of the caller's shop, access.above_you."""
    membership = queries.get_membership(tx.conn, caller.shop_id, user_id)
    if membership.role is None:
        NOT_FOUND.refuse()
    check_above(caller, membership.role)


@router.get("/roles", summary="角色与权限一览", operation_id="list_roles", responses=refusals())
async def list_roles(caller: Logged) -> Roles:
    """List the roles, what each may do, and which the caller may grant."""
    can_manage = caller.can("access.manage")
    return Roles(
        roles=[
            RoleRow(
                role=role, name_zh=model.ROLE_NAMES_ZH[role], permissions=sorted(permissions),
                can_grant=can_manage and model.may_govern(caller.role, role),
            )
            for role, permissions in model.ROLES.items()
        ],
        permissions=[PermissionRow(permission=p, name_zh=zh) for p, zh in model.PERMISSIONS.items()],
    )  # fmt: skip


@router.get("/users", summary="店铺人员", operation_id="list_users", responses=refusals())
async def list_users(caller: Manager, rt: Rt, limit: Limit = 100, cursor: Cursor = "0") -> MemberList:
    """List the people of the shop by id, those who left included (role null)."""
    found = await rt.read(lambda conn: queries.list_members(conn, caller.shop_id, int(cursor), limit))
    return MemberList(
        items=[_row(m) for m in found],
        next_cursor=str(found[-1].user_id) if len(found) == limit else None,
    )


@router.get("/users/{user_id}", summary="店铺的一位人员", operation_id="get_user", responses=refusals())
async def get_user(user_id: int, caller: Manager, rt: Rt) -> MemberRow:
    """Tell about one person of the shop."""
    return _row(await rt.read(lambda conn: queries.get_member(conn, caller.shop_id, user_id)))


@router.put(
    "/users/{user_id}/role",
    summary="调整角色",
    operation_id="change_role",
    responses=refusals(STALE, INVALID, ABOVE_YOU, LAST_OWNER),
)
async def change_role(user_id: int, body: RoleChange, caller: Manager, rt: Rt) -> MemberRow:
    """Give a person of this shop another role, or a role again after leaving; their sessions end at once."""

    def change(tx: Tx) -> Member:
        old = queries.get_membership(tx.conn, caller.shop_id, user_id)
        if body.role not in model.ROLES:
            INVALID.refuse(role=body.role)
        check_above(caller, old.role, body.role)
        why = actions.Change(body.reason, body.version)
        actions.grant_role(tx, caller.shop_id, user_id, body.role, None, why)
        return queries.get_member(tx.conn, caller.shop_id, user_id)

    return _row(await rt.write(caller.actor, change))


@router.post(
    "/users/{user_id}/departure",
    summary="停用人员（离开本店）",
    operation_id="remove_member",
    responses=refusals(STALE, ABOVE_YOU, LAST_OWNER),
)
async def remove_member(user_id: int, body: Departure, caller: Manager, rt: Rt) -> MemberRow:
    """Take every right in this shop from a person, at once. The history stays."""

    def remove(tx: Tx) -> Member:
        _governed(tx, caller, user_id)
        actions.remove_member(tx, caller.shop_id, user_id, actions.Change(body.reason, body.version))
        return queries.get_member(tx.conn, caller.shop_id, user_id)

    return _row(await rt.write(caller.actor, remove))


@router.delete(
    "/users/{user_id}/sessions",
    summary="强制某人退出登录",
    operation_id="end_user_sessions",
    responses=refusals(ABOVE_YOU),
)
async def end_user_sessions(user_id: int, caller: Manager, rt: Rt) -> Ended:
    """End every session of a person of this shop (ASVS 7.4.5)."""

    def end(tx: Tx) -> int:
        _governed(tx, caller, user_id)
        count = actions.end_sessions_of(tx, user_id, "killed_by_manager")
        actions.audit_person(tx, user_id, "access.sessions_ended", {"count": count})
        return count

    return Ended(ended_count=await rt.write(caller.actor, end))


@router.post(
    "/users/{user_id}/password-reset",
    summary="生成重设密码链接",
    operation_id="offer_password_reset",
    responses=refusals(ABOVE_YOU, MEMBER_ELSEWHERE),
    status_code=201,
)
async def offer_password_reset(user_id: int, caller: Manager, door: Door, rt: Rt) -> LinkOffer:
    """Make a one-use link by which a person sets a new password; nobody else learns it (ASVS 6.4.6)."""

    def offer(tx: Tx) -> actions.Offer:
        _governed(tx, caller, user_id)
        return actions.offer_reset(tx, caller.shop_id, user_id, door.policy)

    return LinkOffer.model_validate(await rt.write(caller.actor, offer))


@router.delete(
    "/users/{user_id}/totp",
    summary="解除某人的动态验证码（手机丢失）",
    operation_id="remove_user_totp",
    responses=refusals(ABOVE_YOU, MEMBER_ELSEWHERE, TOTP_OFF),
    status_code=204,
)
async def remove_user_totp(user_id: int, caller: Manager, rt: Rt) -> None:
    """Take a lost authenticator out of force; the person's sessions end."""

    def remove(tx: Tx) -> None:
        _governed(tx, caller, user_id)
        actions.check_only_here(tx, caller.shop_id, user_id)
        actions.remove_totp(tx, user_id, "by_manager")
        actions.end_sessions_of(tx, user_id, "totp_removed")

    await rt.write(caller.actor, remove)
