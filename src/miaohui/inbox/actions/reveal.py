"""Showing a message in clear: audited, with a reason (reliability.md §3.3, R8)."""

from __future__ import annotations

from miaohui.inbox.queries.messages import get_message
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx


def reveal_message(tx: Tx, shop_id: int, conversation_id: int, message_id: int, reason: str) -> str:
    """Return what a message says, unmasked, and note who looked and why. Raises: Refusal kit.not_found."""
    message = get_message(tx.conn, shop_id, message_id)
    if message.conversation_id != conversation_id:
        NOT_FOUND.refuse(message_id=message_id)
    tx.audit("inbox.message_revealed", f"message:{message_id}", {"reason": reason}, shop_id=shop_id)
    return message.text
