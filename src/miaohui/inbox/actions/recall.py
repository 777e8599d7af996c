"""Messages taken back or changed by who wrote them. The first text is kept beside."""

from __future__ import annotations

import msgspec
from sqlalchemy import insert

from miaohui.channels.model import Account, Inbound, encode_parts
from miaohui.inbox.actions.announce import announce, tell_visitor
from miaohui.inbox.actions.lines import event_key_of, index_text, rehash, unindex
from miaohui.inbox.actions.media import follow_references
from miaohui.inbox.events import MessageEdited, MessageRecalled
from miaohui.inbox.model import preview
from miaohui.inbox.model.media import without_addresses
from miaohui.inbox.model.messages import ERASED_KIND, masked_for_display
from miaohui.inbox.store.messages import (
    EDIT_MESSAGE,
    FIND_BY_KEY,
    FIND_EARLY_RECALL,
    MARK_RECALLED,
    READ_KIND,
    READ_TEXT,
    SET_RECALL_MESSAGE,
    edits,
    recalls,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.db import Sql, insert_new
from miaohui.kit.tx import Tx

RECALLED_ZH = "（已撤回）"
_PREVIEW = Sql(
    "UPDATE inbox_conversations SET last_text = ?, version = version + 1 WHERE id = ? AND last_message_id = ?"
)


def recall_message(tx: Tx, account: Account, fact: Inbound) -> str:
    """Note that a message was taken back; one that has not arrived yet is recalled when it does.

    Returns recalled, early or duplicate.
    """
    stored = insert_new(
        tx.conn,
        recalls,
        id=tx.ids.next(),
        shop_id=account.shop_id,
        account_id=account.id,
        message_id=None,
        message_key=fact.message_key,
        by_role=fact.actor.role.value,
        by_user_id=None,
        at=fact.occurred_at,
    )
    if not stored:
        return "duplicate"
    return "recalled" if catch_up_recall(tx, account, fact.message_key) else "early"


def catch_up_recall(tx: Tx, account: Account, message_key: str) -> bool:
    """Apply a recall that is on record for this platform id to its message, once both are here."""
    recall = tx.rows(FIND_EARLY_RECALL, account.shop_id, account.id, message_key)
    found = tx.rows(FIND_BY_KEY, account.shop_id, account.id, message_key) if recall else []
    if not recall or not found:
        return False
    message_id, conversation_id = found[0][0], found[0][1]
    tx.run(SET_RECALL_MESSAGE, message_id, recall[0][0])
    return mark_recalled(tx, account.shop_id, conversation_id, message_id, str(recall[0][1]))


def mark_recalled(tx: Tx, shop_id: int, conversation_id: int, message_id: int, by: str) -> bool:
    """Show a message as taken back and tell everybody; False when it was before."""
    if not tx.run(MARK_RECALLED, to_ms(tx.now), message_id, shop_id):
        return False
    tx.run(_PREVIEW, RECALLED_ZH, conversation_id, message_id)
    tx.publish(MessageRecalled(shop_id, conversation_id, message_id, by, tx.now))
    announce(tx, shop_id, conversation_id, "inbox.message_recalled", {"message_id": message_id, "by": by})
    tell_visitor(tx, shop_id, conversation_id, {"type": "recall", "id": str(message_id)})
    return True


def edit_message(tx: Tx, account: Account, fact: Inbound) -> str:
    """Change a message's text as its author did, keeping the earlier one. Returns edited, missing, duplicate."""
    found = tx.rows(FIND_BY_KEY, account.shop_id, account.id, fact.message_key)
    if not found:
        return "missing"
    message_id, conversation_id = found[0][0], found[0][1]
    if is_erased(tx, account.shop_id, message_id):
        return "erased"
    old_text, old_parts, role = tx.rows(READ_TEXT, message_id, account.shop_id)[0]
    stored = insert_new(
        tx.conn,
        edits,
        id=tx.ids.next(),
        shop_id=account.shop_id,
        message_id=message_id,
        event_key=event_key_of(fact),
        old_text=old_text,
        old_parts=old_parts,
        at=fact.occurred_at,
    )
    if not stored:
        return "duplicate"
    parts = msgspec.json.encode(encode_parts(fact.parts)).decode()
    tx.run(EDIT_MESSAGE, fact.text, parts, to_ms(fact.occurred_at), message_id, account.shop_id)
    rehash(tx, account.shop_id, message_id)
    unindex(tx, message_id)
    index_text(tx, account.shop_id, message_id, fact.text)
    tx.run(_PREVIEW, preview(fact.text), conversation_id, message_id)
    follow_references(tx, account.shop_id, message_id, fact.parts)
    tx.publish(MessageEdited(account.shop_id, conversation_id, message_id, fact.text, tx.now))
    text, shown = masked_for_display(role, fact.text, without_addresses(encode_parts(fact.parts)))
    data = {"message_id": message_id, "text": text, "parts": shown}
    announce(tx, account.shop_id, conversation_id, "inbox.message_edited", data)
    return "edited"


def is_erased(tx: Tx, shop_id: int, message_id: int) -> bool:
    """Tell whether a message's content was erased: no edit brings it back (R20)."""
    return bool(tx.rows(READ_KIND, message_id, shop_id)[0][0] == ERASED_KIND)


def note_own_recall(
    tx: Tx, shop_id: int, account_id: int, message_id: int, message_key: str, by_user_id: int | None
) -> None:
    """Keep who of us took a message back."""
    tx.execute(
        insert(recalls).values(
            id=tx.ids.next(), shop_id=shop_id, account_id=account_id, message_id=message_id,
            message_key=message_key or f"own:{message_id}", by_role="agent", by_user_id=by_user_id, at=tx.now,
        )
    )  # fmt: skip
