"""What the live feed says: each event carries the list row, so that the browser patches without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miaohui.inbox.model import FAR_MS
from miaohui.inbox.store.conversations import READ_ROW
from miaohui.kit.clock import from_ms
from miaohui.kit.tx import Tx

FEED_TEXT_CHARS = 2_000
FEED_PARTS_CHARS = 8_000
WIDGET = "widget"


def row_of(found: Sequence[Any]) -> dict[str, Any]:
    """Return the list row of a conversation from `ROW_COLUMNS`."""
    return {
        "id": found[0],
        "buyer_id": found[1],
        "buyer_name_zh": found[2],
        "channel": found[3],
        "account_id": found[4],
        "entry": found[5],
        "status": found[6],
        "group_id": found[7],
        "agent_id": found[8],
        "priority": found[9],
        "due_at": _time(found[10]),
        "waiting_since": _time(found[11]),
        "last_message_at": from_ms(-found[12]),
        "last_role": found[13],
        "last_text": found[14],
        "unread_count": found[15],
        "message_count": found[16],
        "snoozed_until": None if found[17] is None else from_ms(found[17]),
        "opened_at": from_ms(found[18]),
        "closed_at": None if found[19] is None else from_ms(found[19]),
        "buyer_read_at": from_ms(found[20]) if found[20] else None,
        "version": found[21],
    }


def _time(ms: int) -> Any:
    return None if ms == FAR_MS else from_ms(ms)


def announce(
    tx: Tx, shop_id: int, conversation_id: int, name: str, data: Mapping[str, Any] | None = None,
    also: Sequence[str] = (),
) -> None:  # fmt: skip
    """Tell the live feed that something happened to a conversation, with its row as it is now.

    Order: call it after `tx.publish`, so that what followed (a clock, an assignment) is in the row.
    """
    found = tx.rows(READ_ROW, conversation_id, shop_id)
    if not found:
        return
    row = row_of(found[0])
    topics = ["shop", f"conversation:{conversation_id}"]
    if row["group_id"] is not None:
        topics.append(f"group:{row['group_id']}")
    if row["agent_id"] is not None:
        topics.append(f"agent:{row['agent_id']}")
    topics.extend(topic for topic in also if topic not in topics)
    tx.feed(shop_id, topics, name, {**(data or {}), "conversation": row})


def tell_visitor(tx: Tx, shop_id: int, conversation_id: int, name: str, data: Mapping[str, Any]) -> None:
    """Tell the visitor of a widget conversation; does nothing on other channels."""
    found = tx.rows(READ_ROW, conversation_id, shop_id)
    if found and found[0][3] == WIDGET:
        tx.feed(shop_id, [visitor_topic(found[0][4], found[0][22])], name, data)


def visitor_topic(account_id: int, peer: str) -> str:
    """Return the feed topic of one visitor of one widget."""
    return f"visitor:{account_id}:{peer}"
