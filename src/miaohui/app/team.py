"""Between log-ins (`access`) and the team (`staff`): what one side's news means for the other."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from miaohui.access import actions as access_actions
from miaohui.access import events as access
from miaohui.access.model import ROLES, AccessPolicy
from miaohui.app.settings import Settings
from miaohui.kit.tx import Tx
from miaohui.shop import queries as shop_queries
from miaohui.staff import actions as staff_actions
from miaohui.staff import events as staff
from miaohui.staff import queries as staff_queries


def access_policy(settings: Settings) -> AccessPolicy:
    """Return how log-ins behave on this installation. Raises: ValueError for a role that does not exist."""
    roles = frozenset(filter(None, (role.strip() for role in settings.totp_roles.split(","))))
    if roles - set(ROLES):
        raise ValueError(f"MIAOHUI_TOTP_ROLES: no such role: {', '.join(sorted(roles - set(ROLES)))}")
    public = urlsplit(settings.public_url.lower())
    origin = f"{public.scheme}://{public.netloc}" if public.netloc else ""
    return AccessPolicy(
        password_profile=settings.password_profile,
        totp_roles=roles,
        totp_drift_steps=settings.totp_drift_steps,
        allowed_origins=frozenset({origin} if origin else ()),
        secure_cookie=public.scheme == "https",
    )


def shop_names(conn: Connection, shop_ids: list[int]) -> dict[int, str]:
    """Return the names of shops, for the list of shops that somebody may enter."""
    return {row.id: row.name for row in shop_queries.list_shops(conn, shop_ids)}


def group_ids_of_shop(conn: Connection, shop_id: int) -> set[int]:
    """Return the groups that a newcomer of a shop may be put into."""
    return {group.id for group in staff_queries.list_groups(conn, shop_id)}


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
