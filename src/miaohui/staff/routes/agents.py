"""HTTP of agents: groups, skills, capacity, departure, reserve."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.access import queries as access_queries
from miaohui.kit.errors import NOT_FOUND, STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.tx import Tx
from miaohui.staff import actions, queries
from miaohui.staff.actions import AgentDraft, CapacityChange
from miaohui.staff.model import (
    AGENT_EXISTS,
    AGENT_GONE,
    AGENT_MISSING,
    BAD_CAPACITY,
    BAD_SKILL,
    GROUP_MISSING,
    is_expired,
    local_date,
)
from miaohui.staff.schemas import (
    AgentEdit,
    AgentIn,
    AgentOut,
    AgentPage,
    CapacityIn,
    CapacityOut,
    CapacityVersionOut,
    RowId,
    SkillOut,
    SkillsIn,
    SkillsOut,
    StaffReasonIn,
)

router = APIRouter(prefix="/api/agents", tags=["staff"])
Reader = Annotated[Caller, Depends(require("staff.read"))]
Manager = Annotated[Caller, Depends(require("staff.manage"))]


async def _agent(caller: Caller, rt: Rt, user_id: RowId) -> AgentOut:
    now = rt.clock.now()
    return AgentOut.of(await rt.read(lambda conn: queries.get_agent(conn, caller.shop_id, user_id, now)))


@router.get("", summary="客服列表", operation_id="list_agents", responses=refusals())
async def list_agents(
    caller: Reader,
    rt: Rt,
    departed: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    cursor: Annotated[int, Query(ge=0)] = 0,
) -> AgentPage:
    """Agents by name; the cursor is the number of rows already seen."""
    now = rt.clock.now()
    found = await rt.read(lambda conn: queries.list_agents(conn, caller.shop_id, now, departed=departed))
    page = found[cursor : cursor + limit]
    more = cursor + limit < len(found)
    return AgentPage(
        items=[AgentOut.of(agent) for agent in page], next_cursor=str(cursor + limit) if more else None
    )


@router.post(
    "", status_code=201, summary="添加客服", operation_id="add_agent",
    responses=refusals(AGENT_EXISTS, BAD_CAPACITY, GROUP_MISSING),
)  # fmt: skip
async def add_agent(caller: Manager, rt: Rt, body: AgentIn) -> AgentOut:
    """Make a person of the shop an agent; somebody of another shop is not found."""

    def write(tx: Tx) -> None:
        member = access_queries.find_membership(tx.conn, caller.shop_id, body.user_id)
        if member is None or member.role is None:
            NOT_FOUND.refuse(user_id=body.user_id)
        actions.add_agent(tx, caller.shop_id, body.draft())

    await rt.write(caller.actor, write)
    return await _agent(caller, rt, body.user_id)


@router.get("/{user_id}", summary="客服详情", operation_id="get_agent", responses=refusals(AGENT_MISSING))
async def get_agent(caller: Reader, rt: Rt, user_id: RowId) -> AgentOut:
    """One agent."""
    return await _agent(caller, rt, user_id)


@router.put(
    "/{user_id}", summary="修改客服", operation_id="change_agent",
    responses=refusals(AGENT_MISSING, GROUP_MISSING, STALE),
)  # fmt: skip
async def change_agent(caller: Manager, rt: Rt, user_id: RowId, body: AgentEdit) -> AgentOut:
    """Set name and groups."""
    draft = AgentDraft(user_id, body.display_name, tuple(body.group_ids))
    await rt.write(caller.actor, lambda tx: actions.change_agent(tx, caller.shop_id, draft, body.version))
    return await _agent(caller, rt, user_id)


@router.post(
    "/{user_id}/departure", status_code=201, summary="客服离职", operation_id="depart_agent",
    responses=refusals(AGENT_MISSING),
)  # fmt: skip
async def depart_agent(caller: Manager, rt: Rt, user_id: RowId, body: StaffReasonIn) -> AgentOut:
    """Let an agent go; history stays."""
    await rt.write(caller.actor, lambda tx: actions.depart_agent(tx, caller.shop_id, user_id, body.reason))
    return await _agent(caller, rt, user_id)


@router.delete(
    "/{user_id}/departure", summary="客服返岗", operation_id="return_agent", responses=refusals(AGENT_MISSING)
)
async def return_agent(caller: Manager, rt: Rt, user_id: RowId) -> AgentOut:
    """Bring an agent back."""
    await rt.write(caller.actor, lambda tx: actions.return_agent(tx, caller.shop_id, user_id))
    return await _agent(caller, rt, user_id)


@router.get(
    "/{user_id}/skills",
    summary="客服技能",
    operation_id="get_agent_skills",
    responses=refusals(AGENT_MISSING),
)
async def get_skills(caller: Reader, rt: Rt, user_id: RowId) -> SkillsOut:
    """Skills with level and expiry."""
    today = local_date(rt.clock.now())

    def read(conn: Connection) -> SkillsOut:
        agent = queries.get_agent(conn, caller.shop_id, user_id)
        names = queries.skill_catalogue(conn, caller.shop_id)
        skills = queries.list_skills(conn, caller.shop_id, user_id)
        items = [
            SkillOut(
                code=s.code, level=s.level, expires_on=s.expires_on, name_zh=names.get(s.code, s.code),
                is_expired=is_expired(s, today),
            )
            for s in skills
        ]  # fmt: skip
        return SkillsOut(user_id=user_id, version=agent.skills_version, items=items)

    return await rt.read(read)


@router.put(
    "/{user_id}/skills", summary="设置客服技能", operation_id="set_agent_skills",
    responses=refusals(AGENT_MISSING, BAD_SKILL, STALE),
)  # fmt: skip
async def set_skills(caller: Manager, rt: Rt, user_id: RowId, body: SkillsIn) -> SkillsOut:
    """Replace the agent's skills."""
    skills = [item.skill() for item in body.skills]
    await rt.write(
        caller.actor, lambda tx: actions.set_skills(tx, caller.shop_id, user_id, skills, body.version)
    )
    return await get_skills(caller, rt, user_id)


@router.get(
    "/{user_id}/capacity", summary="接待上限", operation_id="get_agent_capacity",
    responses=refusals(AGENT_MISSING),
)  # fmt: skip
async def get_capacity(caller: Reader, rt: Rt, user_id: RowId) -> CapacityOut:
    """What holds now, and every version."""
    now = rt.clock.now()

    def read(conn: Connection) -> CapacityOut:
        queries.get_agent(conn, caller.shop_id, user_id)
        known = queries.list_capacities(conn, caller.shop_id, user_id)
        return CapacityOut(
            user_id=user_id,
            max_concurrency=queries.capacity_at(conn, caller.shop_id, user_id, now),
            version=known[0].version if known else 0,
            items=[CapacityVersionOut.of(c) for c in known],
        )

    return await rt.read(read)


@router.put(
    "/{user_id}/capacity", summary="设置接待上限", operation_id="set_agent_capacity",
    responses=refusals(AGENT_MISSING, BAD_CAPACITY, STALE),
)  # fmt: skip
async def set_capacity(caller: Manager, rt: Rt, user_id: RowId, body: CapacityIn) -> CapacityOut:
    """Set how many chats the agent may hold, 1–50, now or from a time on."""
    change = CapacityChange(body.max_concurrency, body.reason, body.effective_at)
    await rt.write(
        caller.actor, lambda tx: actions.set_capacity(tx, caller.shop_id, user_id, change, body.version)
    )
    return await get_capacity(caller, rt, user_id)


@router.put(
    "/{user_id}/reserve", summary="加入机动人力", operation_id="join_reserve",
    responses=refusals(AGENT_GONE, AGENT_MISSING),
)  # fmt: skip
async def join_reserve(caller: Manager, rt: Rt, user_id: RowId, body: StaffReasonIn) -> AgentOut:
    """Put an agent into the reserve."""
    await rt.write(caller.actor, lambda tx: actions.join_reserve(tx, caller.shop_id, user_id, body.reason))
    return await _agent(caller, rt, user_id)


@router.delete(
    "/{user_id}/reserve", summary="退出机动人力", operation_id="leave_reserve",
    responses=refusals(AGENT_MISSING),
)  # fmt: skip
async def leave_reserve(caller: Manager, rt: Rt, user_id: RowId) -> AgentOut:
    """Take an agent out of the reserve."""
    await rt.write(caller.actor, lambda tx: actions.leave_reserve(tx, caller.shop_id, user_id))
    return await _agent(caller, rt, user_id)
