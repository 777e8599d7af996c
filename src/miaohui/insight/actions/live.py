"""Live messages: counted as they come, by the same state machine and with the same sums as imported ones.

Called inline by the wiring on MessageReceived, ReplySent and ConversationClosed. A message that comes late or twice
changes nothing but its own session, which is built anew from its marks.
"""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.importing.model.facts import IS_CARD, IS_CLOSING, IS_PERFUNCTORY, IS_TRANSFER
from miaohui.importing.model.messages import marks_of, resolved_role
from miaohui.insight.actions.rebuild import rebuild_sessions
from miaohui.kit.db import Sql, raw_count
from miaohui.kit.tx import Tx

KEPT_TEXT = 80
_PUT = Sql(
    "INSERT INTO insight_marks (shop_id, session_id, at_ms, seq, role, marks, sender, text, buyer_key, order_id,"
    " product_id, entry, rating, platform) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
__all__ = [
    "IS_CARD",
    "IS_CLOSING",
    "IS_PERFUNCTORY",
    "IS_TRANSFER",
    "LiveMessage",
    "close_session",
    "count_message",
]


@dataclass(frozen=True)
class LiveMessage:
    """A message of the live desk. `session_id`: the conversation's id as text; `seq`: the message's id.

    `role`: buyer, agent, robot or system. Only the first 80 characters are kept, for the intent.
    """

    session_id: str
    seq: int
    at_ms: int
    role: str
    platform: str
    sender: str = ""
    text: str = ""
    kind: str = ""
    buyer_key: str = ""
    order_id: str = ""
    product_id: str = ""
    entry: str = ""
    rating: int | None = None


def count_message(tx: Tx, shop_id: int, message: LiveMessage, now_ms: int) -> bool:
    """Take a live message into the session's rounds and the roll-ups; False when it was there already."""
    role = resolved_role(message.role, message.text)
    marks = marks_of(role, message.text, message.kind)
    added = raw_count(tx.conn, _PUT, (
        shop_id, message.session_id, message.at_ms, message.seq, role, marks, message.sender or None,
        message.text[:KEPT_TEXT], message.buyer_key or None, message.order_id or None, message.product_id or None,
        message.entry or None, message.rating, message.platform,
    ))  # fmt: skip
    if added:
        rebuild_sessions(tx, shop_id, [message.session_id], now_ms=now_ms)
    return bool(added)


def close_session(tx: Tx, shop_id: int, session_id: str) -> None:
    """Count a closed conversation's open round as missed."""
    rebuild_sessions(tx, shop_id, [session_id])
