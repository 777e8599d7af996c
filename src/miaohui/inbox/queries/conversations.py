"""Reads of conversations: one, an agent's, counts, and who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from miaohui.inbox.model import FAR_MS, Scope, can_see
from miaohui.inbox.store.conversations import assignments, closures, conversations, reopenings
from miaohui.kit.clock import from_ms
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.http import Caller


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it is now. Times are aware UTC."""

    id: int
    shop_id: int
    account_id: int
    channel: str
    peer: str
    conversation_key: str
    buyer_id: int
    buyer_platform_id: str
    buyer_name_zh: str
    entry: str
    refs: dict[str, Any]
    status: str
    group_id: int | None
    agent_id: int | None
    priority: int
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    waiting_since: datetime | None
    last_message_at: datetime
    snoozed_until: datetime | None
    last_message_id: int | None
    last_role: str
    last_text: str
    unread_count: int
    message_count: int
    buyer_read_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        return self.status == "open"


def _conversation(row: Any) -> Conversation:
    found = dict(row._mapping)
    due, waiting, recency = found.pop("due_ms"), found.pop("waiting_ms"), found.pop("recency_ms")
    read = found.pop("buyer_read_ms")
    return Conversation(
        **found,
        due_at=None if due == FAR_MS else from_ms(due),
        waiting_since=None if waiting == FAR_MS else from_ms(waiting),
        last_message_at=from_ms(-recency),
        buyer_read_at=from_ms(read) if read else None,
    )


def scope_of(caller: Caller) -> Scope:
    """Return what a caller may see: the whole shop, or their groups and their own conversations."""
    sees_all = caller.can("inbox.read_all")
    return Scope(caller.user_id, None if sees_all else (caller.group_ids or frozenset()))


def can_see_conversation(conn: Connection, caller: Caller, conversation_id: int) -> bool:
    """Tell whether a caller may see a conversation. Every route and the live socket asks this."""
    if not caller.can("inbox.read"):
        return False
    row = conn.execute(
        select(conversations.c.agent_id, conversations.c.group_id).where(
            conversations.c.id == conversation_id, conversations.c.shop_id == caller.shop_id
        )
    ).first()
    return row is not None and can_see(scope_of(caller), row[0], row[1])


def check_visible(conn: Connection, caller: Caller, conversation_id: int) -> None:
    """Do nothing when the caller may see the conversation. Raises: Refusal kit.not_found otherwise."""
    if not can_see_conversation(conn, caller, conversation_id):
        NOT_FOUND.refuse(conversation_id=conversation_id)


def get_conversation(conn: Connection, shop_id: int, conversation_id: int) -> Conversation:
    """Return a conversation. Raises: Refusal kit.not_found."""
    found = find_conversation(conn, shop_id, conversation_id)
    return found if found is not None else NOT_FOUND.refuse(conversation_id=conversation_id)


def find_conversation(conn: Connection, shop_id: int, conversation_id: int) -> Conversation | None:
    """Return a conversation, or None."""
    row = conn.execute(
        select(conversations).where(conversations.c.id == conversation_id, conversations.c.shop_id == shop_id)
    ).first()
    return None if row is None else _conversation(row)


def list_open_of_agent(conn: Connection, shop_id: int, agent_id: int) -> list[Conversation]:
    """Return an agent's open conversations, what burns first at the top."""
    rows = conn.execute(
        select(conversations)
        .where(
            conversations.c.shop_id == shop_id,
            conversations.c.agent_id == agent_id,
            conversations.c.status == "open",
        )
        .order_by(
            conversations.c.due_ms, conversations.c.waiting_ms, conversations.c.recency_ms, conversations.c.id
        )
    )
    return [_conversation(row) for row in rows]


def list_unassigned(conn: Connection, shop_id: int, limit: int = 500) -> list[Conversation]:
    """Return open conversations without an agent, the longest waiting first."""
    rows = conn.execute(
        select(conversations)
        .where(
            conversations.c.shop_id == shop_id,
            conversations.c.agent_id.is_(None),
            conversations.c.status == "open",
        )
        .order_by(conversations.c.due_ms, conversations.c.waiting_ms, conversations.c.id)
        .limit(limit)
    )
    return [_conversation(row) for row in rows]


def list_of_buyer(
    conn: Connection, shop_id: int, buyer_id: int, limit: int = 50, before: int | None = None
) -> list[Conversation]:
    """Return a buyer's conversations over all channels, newest first."""
    query = (
        select(conversations)
        .where(conversations.c.shop_id == shop_id, conversations.c.buyer_id == buyer_id)
        .order_by(conversations.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(conversations.c.id < before)
    return [_conversation(row) for row in conn.execute(query)]


def count_open_by_agent(conn: Connection, shop_id: int) -> dict[int, int]:
    """Return how many open conversations each agent has; agents without any are missing. Snoozed ones count
    not: they take no place."""
    rows = conn.execute(
        select(conversations.c.agent_id, func.count())
        .where(
            conversations.c.shop_id == shop_id,
            conversations.c.status == "open",
            conversations.c.agent_id.is_not(None),
            conversations.c.snoozed_until.is_(None),
        )
        .group_by(conversations.c.agent_id)
    )
    return {int(row[0]): int(row[1]) for row in rows}


def find_last_agent(
    conn: Connection, shop_id: int, buyer_id: int, except_conversation_id: int | None = None
) -> tuple[int, datetime] | None:
    """Return (agent, when) of the last time somebody was given a conversation of this buyer (熟客优先)."""
    query = (
        select(assignments.c.agent_id, assignments.c.at)
        .join(conversations, conversations.c.id == assignments.c.conversation_id)
        .where(
            conversations.c.shop_id == shop_id,
            conversations.c.buyer_id == buyer_id,
            assignments.c.agent_id.is_not(None),
        )
        .order_by(assignments.c.id.desc())
        .limit(1)
    )
    if except_conversation_id is not None:
        query = query.where(conversations.c.id != except_conversation_id)
    row = conn.execute(query).first()
    return None if row is None else (int(row[0]), row[1])


def list_changes(conn: Connection, shop_id: int, conversation_id: int) -> list[dict[str, Any]]:
    """Return what happened to a conversation, oldest first: assignments, closures, reopenings."""
    found: list[dict[str, Any]] = []
    for table, what in ((assignments, "assigned"), (closures, "closed"), (reopenings, "reopened")):
        rows = conn.execute(
            select(table).where(table.c.shop_id == shop_id, table.c.conversation_id == conversation_id)
        )
        found += [{**row._mapping, "what": what} for row in rows]
    return sorted(found, key=lambda row: (row["at"], row["id"]))
