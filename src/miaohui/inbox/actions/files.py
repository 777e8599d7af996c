"""Attachments: rows beside the stored bytes, by whom and in which conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from miaohui.channels.model import Account, Inbound
from miaohui.channels.model.parts import Media, Unknown
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.work import attachments
from miaohui.kit.blobs import Blob, safe_name
from miaohui.kit.tx import Tx


def add_attachment(tx: Tx, shop_id: int, conversation_id: int, blob: Blob, name: str) -> int:
    """Keep that an agent's file belongs to a conversation; return the attachment's id.

    Raises: Refusal kit.not_found.
    """
    get_conversation(tx.conn, shop_id, conversation_id)
    by_user_id = tx.actor.id if tx.actor.kind == "user" else None
    return _store(
        tx,
        blob,
        name,
        shop_id=shop_id,
        conversation_id=conversation_id,
        by_kind="agent",
        by_user_id=by_user_id,
    )


def add_upload(tx: Tx, account: Account, peer: str, blob: Blob, name: str) -> int:
    """Keep a file that a visitor sent ahead of a message; return the attachment's id."""
    return _store(
        tx, blob, name, shop_id=account.shop_id, conversation_id=0, by_kind="buyer", account_id=account.id,
        peer=peer,
    )  # fmt: skip


def add_fetched(tx: Tx, shop_id: int, where: tuple[int, int], blob: Blob, name: str) -> int:
    """Keep a file that we fetched for a message; return the attachment's id. `where`: conversation, account."""
    return _store(
        tx, blob, name or f"{blob.media_type.split('/')[0]}.{blob.media_type.split('/')[-1]}", shop_id=shop_id,
        conversation_id=where[0], by_kind="platform", account_id=where[1],
    )  # fmt: skip


def own_parts(tx: Tx, account: Account, fact: Inbound) -> Inbound:
    """Return a visitor's message without files that this visitor did not upload.

    A number guessed in a browser would else show somebody else's file to the agent, and back to the visitor.
    """
    files = [part for part in fact.parts if isinstance(part, Media) and part.blob_id]
    if not files:
        return fact
    ids = [int(part.blob_id) for part in files if part.blob_id.isdecimal() and len(part.blob_id) <= 16]
    query = select(attachments.c.id).where(
        attachments.c.shop_id == account.shop_id,
        attachments.c.account_id == account.id,
        attachments.c.peer == fact.conversation_key,
        attachments.c.id.in_(ids),
    )
    own = {str(row[0]) for row in tx.execute(query)}
    return fact.with_parts(
        tuple(
            Unknown(part.type)
            if isinstance(part, Media) and part.blob_id and part.blob_id not in own
            else part
            for part in fact.parts
        )
    )


def _store(tx: Tx, blob: Blob, name: str, **where: Any) -> int:
    attachment_id = tx.ids.next()
    tx.execute(
        insert(attachments).values(
            id=attachment_id, digest=blob.digest, media_type=blob.media_type, name=safe_name(name),
            size_bytes=blob.size_bytes, at=tx.now, **where,
        )
    )  # fmt: skip
    return attachment_id
