"""Assign, close, reopen, rank: each change is a row that says who, when and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update

from miaohui.inbox.actions.announce import announce, tell_visitor
from miaohui.inbox.actions.snooze import wake
from miaohui.inbox.events import ConversationAssigned, ConversationClosed, ConversationOpened
from miaohui.inbox.model import BUYER_BACK, CONVERSATION_CLOSED, FAR_MS, NOT_CLOSED, TAKEN
from miaohui.inbox.queries.conversations import Conversation, get_conversation
from miaohui.inbox.store.conversations import (
    FIND_OPEN,
    REOPEN,
    SET_DUE,
    assignments,
    closures,
    conversations,
    priorities,
    reopenings,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx


def assign_conversation(  # noqa: PLR0913 - the signature that docs/building.md promises to routing
    tx: Tx,
    shop_id: int,
    conversation_id: int,
    agent_id: int | None,
    group_id: int | None,
    reason: str,
    by_user_id: int | None,
) -> None:
    """Give a conversation to an agent and group, or back to a group's queue (`agent_id` None).

    Nothing happens when both are as they were. Returns nothing; the row is in `inbox_assignments`.
    Raises: Refusal kit.not_found, inbox.conversation_closed.
    """
    before = _open(tx, shop_id, conversation_id)
    if before.agent_id == agent_id and before.group_id == group_id:
        return
    _put(tx, before, agent_id, group_id, (reason, by_user_id))


def _open(tx: Tx, shop_id: int, conversation_id: int) -> Conversation:
    found = get_conversation(tx.conn, shop_id, conversation_id)
    if found.status != "open":
        CONVERSATION_CLOSED.refuse(conversation_id=conversation_id)
    return found


def _put(
    tx: Tx, before: Conversation, agent_id: int | None, group_id: int | None, why: tuple[str, int | None]
) -> None:
    reason, by_user_id = why
    moved = tx.execute(
        update(conversations)
        .where(
            conversations.c.id == before.id,
            conversations.c.shop_id == before.shop_id,
            conversations.c.status == "open",
            conversations.c.agent_id.is_(None)
            if before.agent_id is None
            else conversations.c.agent_id == before.agent_id,
        )
        .values(agent_id=agent_id, group_id=group_id, version=conversations.c.version + 1)
    )
    if moved.rowcount != 1:  # another process was faster (PostgreSQL)
        TAKEN.refuse(conversation_id=before.id)
    tx.execute(
        insert(assignments).values(
            id=tx.ids.next(), shop_id=before.shop_id, conversation_id=before.id, agent_id=agent_id,
            group_id=group_id, previous_agent_id=before.agent_id, previous_group_id=before.group_id,
            reason=reason, by_user_id=by_user_id, at=tx.now,
        )
    )  # fmt: skip
    tx.publish(
        ConversationAssigned(
            before.shop_id, before.id, agent_id, group_id, before.agent_id, reason, by_user_id, tx.now
        )
    )
    # Those who lose sight of the conversation are told as well, so that it leaves their lists.
    also = [f"agent:{before.agent_id}"] if before.agent_id not in (None, agent_id) else []
    also += [f"group:{before.group_id}"] if before.group_id not in (None, group_id) else []
    facts = {
        "previous_agent_id": before.agent_id, "previous_group_id": before.group_id, "reason": reason,
        "by_user_id": by_user_id,
    }  # fmt: skip
    announce(tx, before.shop_id, before.id, "inbox.conversation_assigned", facts, also)


def close_conversation(
    tx: Tx, shop_id: int, conversation_id: int, reason: str, by_user_id: int | None
) -> None:
    """End a conversation. Closing one that is closed changes nothing.

    Raises: Refusal kit.not_found.
    """
    found = get_conversation(tx.conn, shop_id, conversation_id)
    if found.status != "open":
        return
    wake(tx, shop_id, conversation_id, "closed")
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.status == "open")
        .values(
            status="closed", closed_at=tx.now, due_ms=FAR_MS, waiting_ms=FAR_MS, unread_count=0,
            version=conversations.c.version + 1,
        )
    )  # fmt: skip
    tx.execute(
        insert(closures).values(
            id=tx.ids.next(), shop_id=shop_id, conversation_id=conversation_id, agent_id=found.agent_id,
            reason=reason, by_user_id=by_user_id, at=tx.now,
        )
    )  # fmt: skip
    tx.publish(ConversationClosed(shop_id, conversation_id, found.agent_id, reason, by_user_id, tx.now))
    announce(tx, shop_id, conversation_id, "inbox.conversation_closed", {"reason": reason})
    tell_visitor(tx, shop_id, conversation_id, {"type": "closed"})


def reopen_conversation(
    tx: Tx, shop_id: int, conversation_id: int, reason: str, by_user_id: int | None
) -> None:
    """Take a closed conversation up again; the one who reopens it has it.

    Raises: Refusal kit.not_found, inbox.not_closed, inbox.other_open.
    """
    found = get_conversation(tx.conn, shop_id, conversation_id)
    if found.status != "closed":
        NOT_CLOSED.refuse(conversation_id=conversation_id)
    other = tx.rows(FIND_OPEN, shop_id, found.account_id, found.peer)
    if other:
        BUYER_BACK.refuse(conversation_id=other[0][0])
    tx.run(REOPEN, None, conversation_id, shop_id)
    tx.execute(
        insert(reopenings).values(
            id=tx.ids.next(), shop_id=shop_id, conversation_id=conversation_id, reason=reason,
            by_user_id=by_user_id, at=tx.now,
        )
    )  # fmt: skip
    if by_user_id is not None:  # first, so that routing finds somebody in charge
        opened = get_conversation(tx.conn, shop_id, conversation_id)
        _put(tx, opened, by_user_id, opened.group_id, ("reopened", by_user_id))
    tx.publish(
        ConversationOpened(
            shop_id, conversation_id, found.buyer_id, found.channel, found.entry, found.group_id, tx.now, True
        )
    )
    announce(tx, shop_id, conversation_id, "inbox.conversation_reopened", {"reason": reason})


def set_priority(
    tx: Tx, shop_id: int, conversation_id: int, priority: int, reason: str, by_user_id: int | None = None
) -> None:
    """Rank a conversation: 0 is normal, higher burns more. A row says who and why.

    Raises: Refusal kit.not_found.
    """
    found = get_conversation(tx.conn, shop_id, conversation_id)
    if found.priority == priority:
        return
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(priority=priority, version=conversations.c.version + 1)
    )
    tx.execute(
        insert(priorities).values(
            id=tx.ids.next(), shop_id=shop_id, conversation_id=conversation_id, priority=priority,
            previous=found.priority, reason=reason, by_user_id=by_user_id, at=tx.now,
        )
    )  # fmt: skip
    announce(tx, shop_id, conversation_id, "inbox.priority_changed", {"reason": reason})


def set_due(
    tx: Tx, shop_id: int, conversation_id: int, due_at: datetime | None, *, tell: bool = False
) -> bool:
    """Keep the time by which the next reply is due, by which lists are sorted; True when it changed.

    `tell` adds a live event: for changes that do not follow from a message or reply, whose own events carry
    the row anyway.
    """
    due_ms = FAR_MS if due_at is None else to_ms(due_at)
    changed = tx.run(SET_DUE, due_ms, conversation_id, shop_id, due_ms) == 1
    if changed and tell:
        announce(tx, shop_id, conversation_id, "inbox.due_changed")
    return changed
