"""Whether what a person points at is their own shop's: colleagues, groups, labels, accounts, buyers, messages.

Routes ask here before anything is written: an id of another shop is as unknown as an id of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.access import queries as access_queries
from miaohui.buyers import queries as buyers_queries
from miaohui.inbox.queries.messages import get_message
from miaohui.inbox.queries.work import may_attach
from miaohui.inbox.store.work import labels
from miaohui.kit.errors import NOT_FOUND
from miaohui.shop.queries.channels import get_account_row
from miaohui.staff import queries as staff_queries


def check_target(conn: Connection, shop_id: int, agent_id: int | None, group_id: int | None) -> None:
    """Do nothing when a colleague and a group, where given, are there to be given conversations.

    Raises: Refusal kit.not_found.
    """
    if agent_id is not None:
        check_colleagues(conn, shop_id, [agent_id])
        agent = staff_queries.find_agent(conn, shop_id, agent_id)
        if agent is not None and agent.departed_at is not None:
            NOT_FOUND.refuse(agent_id=agent_id)
    if group_id is not None:
        group = staff_queries.find_group(conn, shop_id, group_id)
        if group is None or group.archived_at is not None:
            NOT_FOUND.refuse(group_id=group_id)


def check_colleagues(conn: Connection, shop_id: int, user_ids: Iterable[int]) -> None:
    """Do nothing when all of them hold a role in this shop. Raises: Refusal kit.not_found."""
    for user_id in user_ids:
        found = access_queries.find_membership(conn, shop_id, user_id)
        if found is None or found.role is None:
            NOT_FOUND.refuse(user_id=user_id)


def check_filter(conn: Connection, shop_id: int, wanted: Mapping[str, Any]) -> None:
    """Do nothing when everything that a saved filter names is of this shop, also what is over or left.

    Raises: Refusal kit.not_found.
    """
    agent_id, group_id, label_id = (wanted.get(name) for name in ("agent_id", "group_id", "label_id"))
    if agent_id is not None and staff_queries.find_agent(conn, shop_id, agent_id) is None:
        check_colleagues(conn, shop_id, [agent_id])
    if group_id is not None and staff_queries.find_group(conn, shop_id, group_id) is None:
        NOT_FOUND.refuse(group_id=group_id)
    if label_id is not None and not _has_label(conn, shop_id, label_id):
        NOT_FOUND.refuse(label_id=label_id)
    if wanted.get("account_id") is not None:
        get_account_row(conn, shop_id, wanted["account_id"])
    if wanted.get("buyer_id") is not None:
        buyers_queries.current_id(conn, shop_id, wanted["buyer_id"])


def _has_label(conn: Connection, shop_id: int, label_id: int) -> bool:
    query = select(labels.c.id).where(labels.c.shop_id == shop_id, labels.c.id == label_id)
    return conn.execute(query).first() is not None


def check_files(conn: Connection, shop_id: int, conversation_id: int, parts: Iterable[Any]) -> None:
    """Do nothing when every stored file that the parts name belongs to this conversation.

    Raises: Refusal kit.not_found.
    """
    for part in parts:
        blob_id = str(part.get("blob_id", "") if isinstance(part, Mapping) else getattr(part, "blob_id", ""))
        if not blob_id:
            continue
        is_number = blob_id.isdecimal() and len(blob_id) <= 16
        if not is_number or not may_attach(conn, shop_id, conversation_id, int(blob_id)):
            NOT_FOUND.refuse(blob_id=blob_id[:32])


def check_message(conn: Connection, shop_id: int, conversation_id: int, message_id: int | None) -> None:
    """Do nothing when a message, where given, is one of this conversation. Raises: Refusal kit.not_found."""
    if message_id is not None and get_message(conn, shop_id, message_id).conversation_id != conversation_id:
        NOT_FOUND.refuse(message_id=message_id)
