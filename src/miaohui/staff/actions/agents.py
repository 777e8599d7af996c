"""Agents: add, change name and groups, let go, bring back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, update

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.staff import queries, store
from miaohui.staff.actions.reserve import leave_reserve
from miaohui.staff.events import AgentDeparted, AgentJoined, MembershipChanged
from miaohui.staff.model import (
    AGENT_EXISTS,
    AGENT_GONE,
    BAD_CAPACITY,
    DEFAULT_CONCURRENCY,
    GROUP_MISSING,
    Agent,
    is_valid_capacity,
)


@dataclass(frozen=True)
class AgentDraft:
    """Who joins: the person's id in `access`, the name that colleagues see, the groups by default."""

    user_id: int
    display_name: str
    group_ids: tuple[int, ...] = ()
    max_concurrency: int = DEFAULT_CONCURRENCY


def add_agent(tx: Tx, shop_id: int, draft: AgentDraft) -> None:
    """Make a person of this shop an agent.

    Raises: Refusal staff.agent_exists, staff.bad_capacity, staff.group_missing.
    """
    if queries.find_agent(tx.conn, shop_id, draft.user_id) is not None:
        AGENT_EXISTS.refuse(user_id=draft.user_id)
    if not is_valid_capacity(draft.max_concurrency):
        BAD_CAPACITY.refuse(max_concurrency=draft.max_concurrency)
    tx.execute(
        insert(store.agents).values(
            shop_id=shop_id, user_id=draft.user_id, display_name=draft.display_name.strip(), version=1,
            skills_version=0, created_at=tx.now,
        )
    )  # fmt: skip
    tx.execute(
        insert(store.capacities).values(
            shop_id=shop_id, user_id=draft.user_id, version=1, effective_at=tx.now,
            max_concurrency=draft.max_concurrency, author_id=tx.actor.id, reason="入职", created_at=tx.now,
        )
    )  # fmt: skip
    _write_groups(tx, shop_id, draft.user_id, draft.group_ids)
    tx.audit("staff.agent_added", f"agent:{draft.user_id}", {"name": draft.display_name}, shop_id=shop_id)
    _tell(tx, shop_id, draft.user_id)
    tx.publish(AgentJoined(shop_id, draft.user_id, draft.group_ids, tx.now))


def _tell(tx: Tx, shop_id: int, user_id: int) -> None:
    tx.feed(shop_id, ["shop", "admin", f"agent:{user_id}"], "staff.agent_changed", {"user_id": user_id})


def _write_groups(tx: Tx, shop_id: int, user_id: int, group_ids: Sequence[int]) -> None:
    known = {g.id for g in queries.list_groups(tx.conn, shop_id)}
    unknown = [group_id for group_id in group_ids if group_id not in known]
    if unknown or len(set(group_ids)) != len(group_ids):
        GROUP_MISSING.refuse(group_ids=unknown or list(group_ids))
    m = store.memberships
    tx.execute(delete(m).where(m.c.shop_id == shop_id, m.c.user_id == user_id))
    for position, group_id in enumerate(group_ids):
        tx.execute(
            insert(m).values(
                shop_id=shop_id, user_id=user_id, group_id=group_id, position=position, since_at=tx.now
            )
        )


def change_agent(tx: Tx, shop_id: int, draft: AgentDraft, expected_version: int) -> None:
    """Set an agent's name and groups (the capacity has its own verb: it is dated).

    Raises: Refusal staff.agent_missing, staff.group_missing, kit.stale.
    """
    agent = queries.get_agent(tx.conn, shop_id, draft.user_id)
    _bump(tx, shop_id, agent, expected_version, display_name=draft.display_name.strip())
    if draft.group_ids != agent.group_ids:
        _write_groups(tx, shop_id, draft.user_id, draft.group_ids)
    tx.audit(
        "staff.agent_changed", f"agent:{draft.user_id}",
        {"groups_from": list(agent.group_ids), "groups_to": list(draft.group_ids)}, shop_id=shop_id,
    )  # fmt: skip
    _tell(tx, shop_id, draft.user_id)
    if draft.group_ids != agent.group_ids:
        tx.publish(MembershipChanged(shop_id, draft.user_id, draft.group_ids, agent.group_ids, tx.now))


def _bump(tx: Tx, shop_id: int, agent: Agent, expected_version: int, **values: object) -> None:
    a = store.agents
    changed = tx.execute(
        update(a)
        .where(a.c.shop_id == shop_id, a.c.user_id == agent.user_id, a.c.version == expected_version)
        .values(version=expected_version + 1, **values)
    )
    if changed.rowcount != 1:
        STALE.refuse(version=agent.version, display_name=agent.display_name, group_ids=list(agent.group_ids))


def depart_agent(tx: Tx, shop_id: int, user_id: int, reason: str) -> None:
    """Let an agent go: no more chats; groups and history stay. Raises: Refusal staff.agent_missing."""
    agent = queries.get_agent(tx.conn, shop_id, user_id)
    if agent.departed_at is not None:
        return
    if agent.in_reserve:
        leave_reserve(tx, shop_id, user_id)
    tx.execute(
        insert(store.departures).values(
            id=tx.ids.next(), shop_id=shop_id, user_id=user_id, departed_at=tx.now, by_user_id=tx.actor.id,
            reason=reason,
        )
    )  # fmt: skip
    tx.audit("staff.agent_departed", f"agent:{user_id}", {"reason": reason}, shop_id=shop_id)
    _tell(tx, shop_id, user_id)
    tx.publish(AgentDeparted(shop_id, user_id, tx.now))


def return_agent(tx: Tx, shop_id: int, user_id: int) -> None:
    """Bring an agent back with the groups and skills they had. Raises: Refusal staff.agent_missing."""
    agent = queries.get_agent(tx.conn, shop_id, user_id)
    if agent.departed_at is None:
        return
    d = store.departures
    tx.execute(
        update(d)
        .where(d.c.shop_id == shop_id, d.c.user_id == user_id, d.c.returned_at.is_(None))
        .values(returned_at=tx.now, returned_by_user_id=tx.actor.id)
    )
    tx.audit("staff.agent_returned", f"agent:{user_id}", {}, shop_id=shop_id)
    _tell(tx, shop_id, user_id)
    tx.publish(AgentJoined(shop_id, user_id, agent.group_ids, tx.now))


def get_present_agent(tx: Tx, shop_id: int, user_id: int) -> Agent:
    """Return an agent who has not left. Raises: Refusal staff.agent_missing, staff.agent_gone."""
    agent = queries.get_agent(tx.conn, shop_id, user_id, tx.now)
    if agent.departed_at is not None:
        AGENT_GONE.refuse(user_id=user_id, departed_at=agent.departed_at.isoformat())
    return agent
