"""Who has read what."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from miaohui.inbox.actions.announce import announce, tell_visitor
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.conversations import conversations
from miaohui.inbox.store.messages import read_marks
from miaohui.kit.tx import Tx


def read_conversation(tx: Tx, shop_id: int, conversation_id: int, user_id: int) -> bool:
    """Note that a person has read a conversation; True when its unread count went to zero by that.

    Only the one in charge empties the count: a supervisor who looks over a shoulder takes nothing away.
    Raises: Refusal kit.not_found.
    """
    talk = get_conversation(tx.conn, shop_id, conversation_id)
    mark = {"message_id": talk.last_message_id, "at": tx.now}
    tx.execute(
        insert_or_update(read_marks)
        .values(shop_id=shop_id, conversation_id=conversation_id, reader=f"agent:{user_id}", **mark)
        .on_conflict_do_update(index_elements=["shop_id", "conversation_id", "reader"], set_=mark)
    )
    if talk.unread_count == 0 or talk.agent_id not in (None, user_id):
        return False
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(unread_count=0, version=conversations.c.version + 1)
    )
    tell_visitor(tx, shop_id, conversation_id, {"type": "read", "id": str(talk.last_message_id or 0)})
    announce(tx, shop_id, conversation_id, "inbox.conversation_read", {"by_user_id": user_id})
    return True
