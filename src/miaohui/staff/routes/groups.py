"""HTTP of groups, the skill catalogue and the reserve."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection

from miaohui.kit.errors import STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.staff import actions, queries
from miaohui.staff.model import BAD_GROUP, BAD_OVERFLOW, BAD_SKILL, GROUP_IN_USE, GROUP_MISSING, NAME_TAKEN
from miaohui.staff.schemas import (
    ArchivalIn,
    GroupEdit,
    GroupIn,
    GroupOut,
    GroupPage,
    OverflowIn,
    ReserveOut,
    ReserveTargetIn,
    RowId,
    SkillKindIn,
    SkillKindPage,
)

router = APIRouter(prefix="/api", tags=["staff"])
Reader = Annotated[Caller, Depends(require("staff.read"))]
Manager = Annotated[Caller, Depends(require("staff.manage"))]


def _group(conn: Connection, shop_id: int, group_id: RowId) -> GroupOut:
    group = queries.get_group(conn, shop_id, group_id)
    return GroupOut.of(group, queries.list_user_ids_of_group(conn, shop_id, group_id))


@router.get("/groups", summary="客服组列表", operation_id="list_groups", responses=refusals())
async def list_groups(caller: Reader, rt: Rt, archived: bool = False) -> GroupPage:
    """All groups with members and overflow order."""

    def read(conn: Connection) -> GroupPage:
        members = queries.members_by_group(conn, caller.shop_id)
        groups = queries.list_groups(conn, caller.shop_id, archived=archived)
        return GroupPage(items=[GroupOut.of(g, members.get(g.id, [])) for g in groups])

    return await rt.read(read)


@router.post(
    "/groups", status_code=201, summary="新建客服组", operation_id="create_group",
    responses=refusals(BAD_GROUP, NAME_TAKEN),
)  # fmt: skip
async def create_group(caller: Manager, rt: Rt, body: GroupIn) -> GroupOut:
    """Make a group."""
    group_id = await rt.write(caller.actor, lambda tx: actions.create_group(tx, caller.shop_id, body.draft()))
    return await rt.read(lambda conn: _group(conn, caller.shop_id, group_id))


@router.get(
    "/groups/{group_id}", summary="客服组详情", operation_id="get_group", responses=refusals(GROUP_MISSING)
)
async def get_group(caller: Reader, rt: Rt, group_id: RowId) -> GroupOut:
    """One group."""
    return await rt.read(lambda conn: _group(conn, caller.shop_id, group_id))


@router.put(
    "/groups/{group_id}", summary="修改客服组", operation_id="change_group",
    responses=refusals(BAD_GROUP, GROUP_MISSING, NAME_TAKEN, STALE),
)  # fmt: skip
async def change_group(caller: Manager, rt: Rt, group_id: RowId, body: GroupEdit) -> GroupOut:
    """Rename or move a group."""
    await rt.write(
        caller.actor,
        lambda tx: actions.change_group(tx, caller.shop_id, group_id, body.draft(), body.version),
    )
    return await rt.read(lambda conn: _group(conn, caller.shop_id, group_id))


@router.put(
    "/groups/{group_id}/overflow", summary="设置溢出顺序", operation_id="set_group_overflow",
    responses=refusals(BAD_OVERFLOW, GROUP_MISSING, STALE),
)  # fmt: skip
async def set_overflow(caller: Manager, rt: Rt, group_id: RowId, body: OverflowIn) -> GroupOut:
    """Set where chats go when the group has no room."""
    await rt.write(
        caller.actor,
        lambda tx: actions.set_overflow(tx, caller.shop_id, group_id, body.group_ids, body.version),
    )
    return await rt.read(lambda conn: _group(conn, caller.shop_id, group_id))


@router.post(
    "/groups/{group_id}/archival", status_code=201, summary="停用客服组", operation_id="archive_group",
    responses=refusals(GROUP_IN_USE, GROUP_MISSING, STALE),
)  # fmt: skip
async def archive_group(caller: Manager, rt: Rt, group_id: RowId, body: ArchivalIn) -> GroupOut:
    """Take an empty group out of use."""
    await rt.write(
        caller.actor,
        lambda tx: actions.archive_group(tx, caller.shop_id, group_id, body.reason, body.version),
    )
    return await rt.read(lambda conn: _group(conn, caller.shop_id, group_id))


@router.get("/skills", summary="技能目录", operation_id="list_skill_kinds", responses=refusals())
async def list_skill_kinds(caller: Reader, rt: Rt) -> SkillKindPage:
    """The skills that can be given."""
    catalogue = await rt.read(lambda conn: queries.skill_catalogue(conn, caller.shop_id))
    return SkillKindPage(items=[SkillKindIn(code=code, name_zh=name) for code, name in catalogue.items()])


@router.post(
    "/skills", status_code=201, summary="新增技能", operation_id="add_skill_kind",
    responses=refusals(BAD_SKILL),
)  # fmt: skip
async def add_skill_kind(caller: Manager, rt: Rt, body: SkillKindIn) -> SkillKindIn:
    """Add a skill of the shop's own."""
    await rt.write(
        caller.actor, lambda tx: actions.add_skill_kind(tx, caller.shop_id, body.code, body.name_zh)
    )
    return body


async def _reserve(caller: Caller, rt: Rt) -> ReserveOut:
    now = rt.clock.now()
    standing = await rt.read(lambda conn: queries.reserve_standing(conn, caller.shop_id, now))
    return ReserveOut(
        ratio=standing.ratio, headcount=standing.headcount, required_count=standing.required_count,
        missing_count=standing.missing_count, user_ids=list(standing.user_ids), version=standing.version,
    )  # fmt: skip


@router.get("/reserve", summary="机动人力", operation_id="get_reserve", responses=refusals())
async def get_reserve(caller: Reader, rt: Rt) -> ReserveOut:
    """Who stands in reserve, and how many should."""
    return await _reserve(caller, rt)


@router.put(
    "/reserve", summary="设置机动人力比例", operation_id="set_reserve_target", responses=refusals(STALE)
)
async def set_reserve_target(caller: Manager, rt: Rt, body: ReserveTargetIn) -> ReserveOut:
    """Set the share of the staff that stands in reserve."""
    await rt.write(
        caller.actor,
        lambda tx: actions.set_reserve_target(tx, caller.shop_id, body.ratio, body.reason, body.version),
    )
    return await _reserve(caller, rt)
