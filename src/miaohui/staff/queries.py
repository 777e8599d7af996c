"""Reads of the team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from miaohui.kit.clock import to_ms
from miaohui.kit.db import raw_rows
from miaohui.staff import store
from miaohui.staff.model import (
    AGENT_MISSING,
    DEFAULT_CONCURRENCY,
    DEFAULT_RESERVE_RATIO,
    DEFAULT_SKILLS_ZH,
    GROUP_MISSING,
    Agent,
    Capacity,
    Group,
    Profile,
    ReserveStanding,
    Skill,
    required_reserve,
)


def list_groups(conn: Connection, shop_id: int, *, archived: bool = False) -> list[Group]:
    """Return the shop's groups by position, archived ones only when asked for. Two statements."""
    order = defaultdict(list)
    for r in conn.execute(
        select(store.overflows.c.group_id, store.overflows.c.to_group_id)
        .where(store.overflows.c.shop_id == shop_id)
        .order_by(store.overflows.c.group_id, store.overflows.c.position)
    ):
        order[r.group_id].append(r.to_group_id)
    g, gone = store.groups, store.archivals
    query = (
        select(g, gone.c.archived_at)
        .outerjoin(gone, and_(gone.c.shop_id == g.c.shop_id, gone.c.group_id == g.c.id))
        .where(g.c.shop_id == shop_id)
        .order_by(g.c.position, g.c.id)
    )
    found = [
        Group(r.id, r.kind, r.name, r.position, r.version, tuple(order[r.id]), r.archived_at)
        for r in conn.execute(query)
    ]
    return [group for group in found if archived or group.archived_at is None]


def find_group(conn: Connection, shop_id: int, group_id: int) -> Group | None:
    """Return the group, an archived one too, or None."""
    return next((g for g in list_groups(conn, shop_id, archived=True) if g.id == group_id), None)


def get_group(conn: Connection, shop_id: int, group_id: int) -> Group:
    """Return the group. Raises: Refusal staff.group_missing."""
    return find_group(conn, shop_id, group_id) or GROUP_MISSING.refuse(group_id=group_id)


def find_group_of_kind(conn: Connection, shop_id: int, kind: str) -> Group | None:
    """Return the first group of a kind (pre_sale, orders, after_sale, live), or None."""
    return next((g for g in list_groups(conn, shop_id) if g.kind == kind), None)


def list_agents(
    conn: Connection, shop_id: int, at: datetime | None = None, *, departed: bool = False
) -> list[Agent]:
    """Return the shop's agents by name, with the capacity that holds at `at` (None: the newest planned).

    Those who left are included only when asked for. Three statements.
    """
    found = _agents(conn, shop_id, at, None)
    return [agent for agent in found if departed or agent.departed_at is None]


def _agents(conn: Connection, shop_id: int, at: datetime | None, user_id: int | None) -> list[Agent]:
    a, gone, reserve = store.agents, store.departures, store.reserves
    query = (
        select(a, gone.c.departed_at, reserve.c.since_at.label("reserve_since_at"))
        .outerjoin(
            gone,
            and_(gone.c.shop_id == a.c.shop_id, gone.c.user_id == a.c.user_id, gone.c.returned_at.is_(None)),
        )
        .outerjoin(
            reserve,
            and_(
                reserve.c.shop_id == a.c.shop_id,
                reserve.c.user_id == a.c.user_id,
                reserve.c.until_at.is_(None),
            ),
        )
        .where(a.c.shop_id == shop_id)
        .order_by(a.c.display_name, a.c.user_id)
    )
    if user_id is None:
        groups_of = _memberships(conn, shop_id)
    else:
        query = query.where(a.c.user_id == user_id)
        groups_of = {user_id: group_ids_of(conn, shop_id, user_id)}
    capacity_of = _capacities(conn, shop_id, at, user_id)
    return [
        Agent(
            r.user_id, r.display_name, r.version, r.skills_version, tuple(groups_of.get(r.user_id, ())),
            capacity_of.get(r.user_id, DEFAULT_CONCURRENCY), r.departed_at, r.reserve_since_at is not None,
        )
        for r in conn.execute(query)
    ]  # fmt: skip


def _memberships(conn: Connection, shop_id: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, group_id in raw_rows(conn, store.MEMBERSHIPS, (shop_id,)):
        found[user_id].append(group_id)
    return found


def _capacities(conn: Connection, shop_id: int, at: datetime | None, user_id: int | None) -> dict[int, int]:
    c = store.capacities
    query = select(c.c.user_id, c.c.max_concurrency).where(c.c.shop_id == shop_id)
    if user_id is not None:
        query = query.where(c.c.user_id == user_id)
    if at is not None:
        query = query.where(c.c.effective_at <= at)
    # Later rows overwrite earlier ones, so the last one in this order is the one that holds.
    return {
        r.user_id: r.max_concurrency
        for r in conn.execute(query.order_by(c.c.user_id, c.c.effective_at, c.c.version))
    }


def find_agent(conn: Connection, shop_id: int, user_id: int, at: datetime | None = None) -> Agent | None:
    """Return the agent, one who left too, or None."""
    return next(iter(_agents(conn, shop_id, at, user_id)), None)


def name_of(conn: Connection, shop_id: int, user_id: int) -> str:
    """Return what an agent is called, '' for nobody we know. One statement: hot paths ask."""
    found = raw_rows(conn, store.NAME_OF, (shop_id, user_id))
    return str(found[0][0]) if found else ""


def get_agent(conn: Connection, shop_id: int, user_id: int, at: datetime | None = None) -> Agent:
    """Return the agent, one who left too. Raises: Refusal staff.agent_missing."""
    return find_agent(conn, shop_id, user_id, at) or AGENT_MISSING.refuse(user_id=user_id)


def group_ids_of(conn: Connection, shop_id: int, user_id: int) -> list[int]:
    """Return the ids of the groups a person belongs to, their first group first."""
    m = store.memberships
    query = (
        select(m.c.group_id)
        .where(m.c.shop_id == shop_id, m.c.user_id == user_id)
        .order_by(m.c.position, m.c.group_id)
    )
    return [r.group_id for r in conn.execute(query)]


def list_user_ids_of_group(conn: Connection, shop_id: int, group_id: int) -> list[int]:
    """Return the ids of a group's members."""
    m = store.memberships
    query = select(m.c.user_id).where(m.c.shop_id == shop_id, m.c.group_id == group_id)
    return [r.user_id for r in conn.execute(query.order_by(m.c.user_id))]


def members_by_group(conn: Connection, shop_id: int) -> dict[int, list[int]]:
    """Return group id → ids of its members, in one statement."""
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, group_id in raw_rows(conn, store.MEMBERSHIPS, (shop_id,)):
        found[group_id].append(user_id)
    return dict(found)


def list_capacities(conn: Connection, shop_id: int, user_id: int) -> list[Capacity]:
    """Return every capacity the agent had or is planned to have, newest version first."""
    c = store.capacities
    query = select(c).where(c.c.shop_id == shop_id, c.c.user_id == user_id).order_by(c.c.version.desc())
    return [
        Capacity(r.version, r.effective_at, r.max_concurrency, r.author_id, r.reason)
        for r in conn.execute(query)
    ]


def capacity_at(conn: Connection, shop_id: int, user_id: int, at: datetime) -> int:
    """Return how many chats the agent may hold at `at`; 10 when nothing was set. Source: domain.md §5.3."""
    held = [c for c in list_capacities(conn, shop_id, user_id) if c.effective_at <= at]
    newest = max(held, key=lambda c: (c.effective_at, c.version), default=None)
    return newest.max_concurrency if newest else DEFAULT_CONCURRENCY


def list_skills(conn: Connection, shop_id: int, user_id: int) -> list[Skill]:
    """Return the agent's skills, expired ones too (they show what to renew)."""
    s = store.skills
    query = (
        select(s.c.code, s.c.level, s.c.expires_on)
        .where(s.c.shop_id == shop_id, s.c.user_id == user_id, s.c.ended_at.is_(None))
        .order_by(s.c.code)
    )
    return [_skill(r.code, r.level, r.expires_on) for r in conn.execute(query)]


def _skill(code: str, level: int, expires_on: str | None) -> Skill:
    return Skill(code, level, date.fromisoformat(expires_on) if expires_on else None)


def skill_catalogue(conn: Connection, shop_id: int) -> Mapping[str, str]:
    """Return code → Chinese name: the skills of spec §1.5 and the shop's own."""
    k = store.skill_kinds
    own = {
        r.code: r.name_zh
        for r in conn.execute(
            select(k.c.code, k.c.name_zh).where(k.c.shop_id == shop_id).order_by(k.c.created_at, k.c.code)
        )
    }
    return {**DEFAULT_SKILLS_ZH, **own}


def list_profiles(conn: Connection, shop_id: int, at: datetime) -> list[Profile]:
    """Return what dispatch needs about every agent who has not left, by id. Three hot statements."""
    groups_of = _memberships(conn, shop_id)
    skills_of: dict[int, dict[str, Skill]] = defaultdict(dict)
    for user_id, code, level, expires_on in raw_rows(conn, store.SKILLS, (shop_id,)):
        skills_of[user_id][code] = _skill(code, level, expires_on)
    return [
        Profile(
            user_id, name, capacity or DEFAULT_CONCURRENCY,
            frozenset(groups_of.get(user_id, ())), skills_of.get(user_id, {}),
        )
        for user_id, name, capacity in raw_rows(conn, store.PROFILES, (to_ms(at), shop_id))
    ]  # fmt: skip


def reserve_standing(conn: Connection, shop_id: int, at: datetime) -> ReserveStanding:
    """Return who stands in reserve 机动人力 and how many should. Source: spec §2.6."""
    agents = list_agents(conn, shop_id, at)
    t = store.reserve_targets
    target: Any = conn.execute(
        select(t.c.ratio, t.c.version)
        .where(t.c.shop_id == shop_id, t.c.effective_at <= at)
        .order_by(t.c.effective_at.desc(), t.c.version.desc())
        .limit(1)
    ).first()
    ratio = target.ratio if target else DEFAULT_RESERVE_RATIO
    return ReserveStanding(
        ratio,
        len(agents),
        required_reserve(len(agents), ratio),
        tuple(agent.user_id for agent in agents if agent.in_reserve),
        target.version if target else 0,
    )


def next_capacity_start(conn: Connection) -> datetime | None:
    """Return when the next planned capacity takes effect in any shop, or None."""
    found: datetime | None = conn.execute(select(func.min(store.capacity_starts.c.starts_at))).scalar_one()
    return found
