"""Attachments: rows beside the stored bytes, by whom and in which conversation."""

from __future__ import annotations

from sqlalchemy import insert

from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.work import attachments
from miaohui.kit.blobs import Blob, safe_name
from miaohui.kit.tx import Tx


def add_attachment(
    tx: Tx, shop_id: int, conversation_id: int, blob: Blob, name: str, by_kind: str = "agent"
) -> int:
    """Keep that a stored file belongs to a conversation; return the attachment's id.

    Raises: Refusal kit.not_found.
    """
    if conversation_id:
        get_conversation(tx.conn, shop_id, conversation_id)
    attachment_id = tx.ids.next()
    tx.execute(
        insert(attachments).values(
            id=attachment_id, shop_id=shop_id, conversation_id=conversation_id, digest=blob.digest,
            media_type=blob.media_type, name=safe_name(name), size_bytes=blob.size_bytes, by_kind=by_kind,
            by_user_id=tx.actor.id if tx.actor.kind == "user" else None, at=tx.now,
        )
    )  # fmt: skip
    return attachment_id
