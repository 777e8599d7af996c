"""Between log-ins (`access`) and the team (`staff`): what one side's news means for the other."""

from __future__ import annotations

from miaohui.access import actions as access_actions
from miaohui.access import events as access
from miaohui.access.model import ROLES
from miaohui.kit.tx import Tx
from miaohui.staff import actions as staff_actions
from miaohui.staff import events as staff
from miaohui.staff import queries as staff_queries


def make_agent_of_newcomer(tx: Tx, event: access.PersonJoined) -> None:
    """Put somebody who was invited into groups on the team; groups that are gone meanwhile are left out."""
    known = {group.id for group in staff_queries.list_groups(tx.conn, event.shop_id)}
    groups = tuple(group_id for group_id in event.group_ids if group_id in known)
    agent = staff_queries.find_agent(tx.conn, event.shop_id, event.user_id)
    if agent is not None and agent.departed_at is not None:
        staff_actions.return_agent(tx, event.shop_id, event.user_id)
    elif agent is None and groups and "inbox.reply" in ROLES[event.role]:
        staff_actions.add_agent(
            tx, event.shop_id, staff_actions.AgentDraft(event.user_id, event.display_name, groups)
        )


def let_agent_of_leaver_go(tx: Tx, event: access.PersonLeft) -> None:
    """Take somebody who lost every right off the team: no more chats."""
    if staff_queries.find_agent(tx.conn, event.shop_id, event.user_id) is not None:
        staff_actions.depart_agent(tx, event.shop_id, event.user_id, "停用账号")


def let_agent_see_own_groups(tx: Tx, event: staff.AgentJoined | staff.MembershipChanged) -> None:
    """Have the log-in see the conversations of the agent's groups."""
    access_actions.set_groups(tx, event.shop_id, event.user_id, event.group_ids)
