"""Erase what the inbox keeps of a person: words, files, names, raw deliveries (reliability.md R20).

Rows stay where others count on them (a message's event key keeps the same delivery from coming in again), their
content goes. Everything here is done in small pieces, so that nobody waits for a long transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update

from miaohui.buyers.model import ERASED_NAME_ZH, ERASED_ZH
from miaohui.inbox.actions.announce import announce
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.lines import rehash, unindex
from miaohui.inbox.actions.outcome import mark_refused
from miaohui.inbox.model.messages import ERASED_DIGEST, ERASED_KIND, State
from miaohui.inbox.store.conversations import conversations, entries, ratings
from miaohui.inbox.store.deliveries import BLANK
from miaohui.inbox.store.messages import attempts, conflicts, edits, messages
from miaohui.inbox.store.work import attachments, drafts, notes
from miaohui.kit.tx import Tx

PIECE = 100
_PARTS = '[{"type":"system","text":"' + ERASED_ZH + '","code":"erased"}]'


@dataclass(frozen=True)
class Place:
    """A conversation of the person, and by what its account calls them."""

    conversation_id: int
    account_id: int
    peer: str


def end_talks(tx: Tx, shop_id: int, places: Iterable[Place]) -> int:
    """Close what is open and refuse what waits to be sent: it would go out without its words."""
    count = 0
    for place in places:
        waiting = select(messages.c.id).where(
            messages.c.shop_id == shop_id, messages.c.conversation_id == place.conversation_id,
            messages.c.state.in_((State.QUEUED.value, State.SENDING.value)),
        )  # fmt: skip
        for (message_id,) in tx.execute(waiting).all():
            count += mark_refused(tx, shop_id, message_id, "买家数据已删除")
        close_conversation(tx, shop_id, place.conversation_id, "erased", None)
    return count


def erase_messages(tx: Tx, shop_id: int, places: Sequence[Place]) -> int:
    """Blank the next messages of these conversations, whoever wrote them; return how many (0: all are)."""
    ids = [place.conversation_id for place in places]
    found = tx.execute(
        select(messages.c.id)
        .where(
            messages.c.shop_id == shop_id, messages.c.conversation_id.in_(ids), messages.c.kind != ERASED_KIND
        )
        .limit(PIECE)
    ).all()
    gone = [row[0] for row in found]
    if not gone:
        return 0
    tx.execute(
        update(messages)
        .where(messages.c.id.in_(gone), messages.c.shop_id == shop_id)
        .values(text=ERASED_ZH, parts=_PARTS, refs="{}", kind=ERASED_KIND, digest=ERASED_DIGEST)
    )
    for message_id in gone:
        rehash(tx, shop_id, message_id)
        unindex(tx, message_id)
    for table in (edits, conflicts):
        tx.execute(delete(table).where(table.c.shop_id == shop_id, table.c.message_id.in_(gone)))
    where = (attempts.c.shop_id == shop_id, attempts.c.message_id.in_(gone))
    tx.execute(update(attempts).where(*where).values(detail={}))
    return len(gone)


def erase_talk(tx: Tx, shop_id: int, place: Place) -> list[str]:
    """Blank everything else about a conversation, tell its screens; return the digests of its files."""
    talk, own = place.conversation_id, (place.account_id, place.peer)
    tx.execute(
        update(conversations)
        .where(conversations.c.id == talk, conversations.c.shop_id == shop_id)
        .values(
            buyer_name_zh=ERASED_NAME_ZH, last_text=ERASED_ZH, refs={}, version=conversations.c.version + 1
        )
    )
    tx.execute(delete(drafts).where(drafts.c.shop_id == shop_id, drafts.c.conversation_id == talk))
    tx.execute(_of(update(notes), notes, shop_id, talk).values(text=ERASED_ZH))
    tx.execute(_of(update(ratings), ratings, shop_id, talk).values(comment="", tags=[]))
    came = (entries.c.shop_id == shop_id, entries.c.account_id == own[0], entries.c.peer == own[1])
    tx.execute(update(entries).where(*came).values(refs={}))
    uploaded = (attachments.c.account_id == own[0]) & (attachments.c.peer == own[1])
    files = tx.execute(
        delete(attachments)
        .where(attachments.c.shop_id == shop_id, (attachments.c.conversation_id == talk) | uploaded)
        .returning(attachments.c.digest)
    ).all()
    announce(tx, shop_id, talk, "inbox.conversation_erased")
    return sorted({row[0] for row in files})


def _of(change: Any, table: Any, shop_id: int, conversation_id: int) -> Any:
    return change.where(table.c.shop_id == shop_id, table.c.conversation_id == conversation_id)


def erase_deliveries(tx: Tx, shop_id: int, delivery_ids: Iterable[int]) -> int:
    """Blank raw deliveries; their digests stay, so that the very same ones are still known. Returns how many."""
    return sum(tx.run(BLANK, delivery_id, shop_id) for delivery_id in delivery_ids)
