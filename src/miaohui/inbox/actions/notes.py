"""Private notes with @mentions, and what a person has seen of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, update

from miaohui.inbox.actions.announce import announce
from miaohui.inbox.events import NoteAdded
from miaohui.inbox.model import EMPTY_REPLY, MAX_TEXT_CHARS, TEXT_TOO_LONG
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.work import mentions, notes
from miaohui.kit.tx import Tx


def add_note(
    tx: Tx, shop_id: int, conversation_id: int, text: str, mentioned_user_ids: Sequence[int] = ()
) -> int:
    """Write a private note and tell the people it mentions; return its id. Buyers never see notes.

    Raises: Refusal kit.not_found, inbox.empty_reply, inbox.text_too_long.
    """
    get_conversation(tx.conn, shop_id, conversation_id)
    if not text.strip():
        EMPTY_REPLY.refuse()
    if len(text) > MAX_TEXT_CHARS:
        TEXT_TOO_LONG.refuse(limit=MAX_TEXT_CHARS)
    mentioned = sorted(set(mentioned_user_ids))[:50]
    note_id = tx.ids.next()
    author_id = tx.actor.id if tx.actor.kind == "user" else None
    tx.execute(
        insert(notes).values(
            id=note_id, shop_id=shop_id, conversation_id=conversation_id, author_id=author_id,
            author_name=tx.actor.name, text=text, mentioned_user_ids=mentioned, at=tx.now,
        )
    )  # fmt: skip
    for user_id in mentioned:
        tx.execute(
            insert(mentions).values(
                shop_id=shop_id, user_id=user_id, note_id=note_id, conversation_id=conversation_id, at=tx.now
            )
        )
    tx.publish(NoteAdded(shop_id, conversation_id, note_id, author_id, tuple(mentioned), tx.now))
    note = {
        "id": note_id, "author_id": author_id, "author_name": tx.actor.name, "text": text[:2000],
        "mentioned_user_ids": mentioned, "at": tx.now,
    }  # fmt: skip
    also = [f"agent:{user_id}" for user_id in mentioned]
    announce(tx, shop_id, conversation_id, "inbox.note_added", {"note": note}, also)
    return note_id


def see_mentions(tx: Tx, shop_id: int, user_id: int, conversation_id: int) -> int:
    """Note that a person has read the notes that mention them; return how many were new."""
    seen = tx.execute(
        update(mentions)
        .where(
            mentions.c.shop_id == shop_id,
            mentions.c.user_id == user_id,
            mentions.c.conversation_id == conversation_id,
            mentions.c.seen_at.is_(None),
        )
        .values(seen_at=tx.now)
    )
    return seen.rowcount
