"""Live messages: noted as they come, counted a moment later by the same state machine as imported ones.

Called inline by the wiring on MessageReceived, ReplySent, ConversationAssigned and ConversationClosed: one or two
small inserts on the message's own path. A pump then builds the touched sessions anew from their marks, so that a
message that comes late, twice or out of order needs no case of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.importing.model.facts import IS_TRANSFER
from miaohui.importing.model.messages import marks_of, resolved_role
from miaohui.insight.actions.rebuild import rebuild_sessions
from miaohui.insight.model.rounds import CLOSED, SYSTEM
from miaohui.kit.clock import to_ms
from miaohui.kit.db import Sql, raw_count, raw_many, raw_rows
from miaohui.kit.tx import Tx

KEPT_TEXT = 80
SESSIONS_A_STEP = 100
_PUT = Sql(
    "INSERT INTO insight_marks (shop_id, session_id, at_ms, seq, role, marks, sender, text, buyer_key, order_id,"
    " product_id, entry, rating, platform) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_TOUCH = Sql("INSERT INTO insight_touched (shop_id, session_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
_TOUCHED = Sql("SELECT shop_id, session_id FROM insight_touched ORDER BY shop_id, session_id LIMIT ?")
_UNTOUCH = Sql("DELETE FROM insight_touched WHERE shop_id = ? AND session_id = ?")


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


def note_message(tx: Tx, shop_id: int, message: LiveMessage) -> bool:
    """Note a live message; its session is counted a moment later. False when it was there already."""
    role = resolved_role(message.role, message.text)
    return _note(tx, shop_id, message, role, marks_of(role, message.text, message.kind))


def note_takeover(tx: Tx, shop_id: int, message: LiveMessage) -> bool:
    """Note that a person took a conversation over (`sender` is who): from then on rounds are a person's."""
    return _note(tx, shop_id, message, SYSTEM, IS_TRANSFER)


def note_closing(tx: Tx, shop_id: int, message: LiveMessage) -> bool:
    """Note that a conversation ended: its open round is missed."""
    return _note(tx, shop_id, message, SYSTEM, CLOSED)


def _note(tx: Tx, shop_id: int, message: LiveMessage, role: str, marks: int) -> bool:
    added = raw_count(tx.conn, _PUT, (
        shop_id, message.session_id, message.at_ms, message.seq, role, marks, message.sender or None,
        message.text[:KEPT_TEXT], message.buyer_key or None, message.order_id or None, message.product_id or None,
        message.entry or None, message.rating, message.platform,
    ))  # fmt: skip
    if added:
        raw_count(tx.conn, _TOUCH, (shop_id, message.session_id))
        tx.ring("insight")
    return bool(added)


def count_touched(tx: Tx) -> int:
    """Build the sessions that live messages touched, some at a time; returns how many."""
    found = [(int(shop), str(session)) for shop, session in raw_rows(tx.conn, _TOUCHED, (SESSIONS_A_STEP,))]
    by_shop: dict[int, list[str]] = {}
    for shop_id, session_id in found:
        by_shop.setdefault(shop_id, []).append(session_id)
    for shop_id, session_ids in by_shop.items():
        rebuild_sessions(tx, shop_id, session_ids, now_ms=to_ms(tx.now))
    if found:
        raw_many(tx.conn, _UNTOUCH, found)
    return len(found)
