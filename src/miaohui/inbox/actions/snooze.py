"""Let a conversation sleep until a time or until the buyer writes, and wake it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from miaohui.inbox.actions.announce import announce
from miaohui.inbox.events import ConversationSnoozed, ConversationWoken
from miaohui.inbox.model import CONVERSATION_CLOSED, SNOOZE_IN_PAST
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.conversations import conversations
from miaohui.inbox.store.work import snoozes
from miaohui.kit.tx import Tx

WAKE_LIMIT = 200


def snooze_conversation(
    tx: Tx, shop_id: int, conversation_id: int, until: datetime, by_user_id: int | None
) -> None:
    """Put a conversation to sleep until `until`; a buyer's word wakes it before.

    Raises: Refusal kit.not_found, inbox.conversation_closed, inbox.snooze_in_past.
    """
    if get_conversation(tx.conn, shop_id, conversation_id).status != "open":
        CONVERSATION_CLOSED.refuse(conversation_id=conversation_id)
    if until <= tx.now:
        SNOOZE_IN_PAST.refuse(until=until.isoformat())
    _end(tx, shop_id, conversation_id, "replaced")
    tx.execute(
        insert(snoozes).values(
            id=tx.ids.next(), shop_id=shop_id, conversation_id=conversation_id, until=until,
            by_user_id=by_user_id, at=tx.now,
        )
    )  # fmt: skip
    _set(tx, conversation_id, until)
    tx.ring("timers")
    tx.publish(ConversationSnoozed(shop_id, conversation_id, until, by_user_id, tx.now))
    announce(tx, shop_id, conversation_id, "inbox.conversation_snoozed")


def wake(tx: Tx, shop_id: int, conversation_id: int, reason: str) -> bool:
    """Wake a sleeping conversation; False when it was awake. `reason`: due, buyer, agent, closed."""
    if not _end(tx, shop_id, conversation_id, reason):
        return False
    _set(tx, conversation_id, None)
    tx.publish(ConversationWoken(shop_id, conversation_id, reason, tx.now))
    announce(tx, shop_id, conversation_id, "inbox.conversation_woken", {"reason": reason})
    return True


def wake_due(tx: Tx) -> int:
    """Wake what is due now; return how many. Each exactly once: by compare-and-set."""
    due = tx.execute(
        select(snoozes.c.shop_id, snoozes.c.conversation_id)
        .where(snoozes.c.woken_at.is_(None), snoozes.c.until <= tx.now)
        .order_by(snoozes.c.until)
        .limit(WAKE_LIMIT)
    ).all()
    return sum(wake(tx, row.shop_id, row.conversation_id, "due") for row in due)


def _end(tx: Tx, shop_id: int, conversation_id: int, by: str) -> bool:
    ended = tx.execute(
        update(snoozes)
        .where(
            snoozes.c.shop_id == shop_id,
            snoozes.c.conversation_id == conversation_id,
            snoozes.c.woken_at.is_(None),
        )
        .values(woken_at=tx.now, woken_by=by)
    )
    return ended.rowcount > 0


def _set(tx: Tx, conversation_id: int, until: datetime | None) -> None:
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(snoozed_until=until, version=conversations.c.version + 1)
    )
