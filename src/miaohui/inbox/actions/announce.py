"""What the live feed says: each event carries the list row, so that the browser patches without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miaohui.inbox.queries.rows import row_of
from miaohui.inbox.store.conversations import READ_ROW
from miaohui.kit.tx import Tx

WIDGET = "widget"


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


def tell_visitor(tx: Tx, shop_id: int, conversation_id: int, frame: Mapping[str, Any]) -> None:
    """Tell the visitor of a widget conversation that something is new; does nothing on other channels.

    Only hints travel here (`message`, `recall`, `read`, `closed`): what a visitor may see is read by the page.
    """
    found = tx.rows(READ_ROW, conversation_id, shop_id)
    if found and found[0][3] == WIDGET:
        tx.feed(shop_id, [visitor_topic(found[0][4], found[0][22])], "widget.frame", frame)


def visitor_topic(account_id: int, peer: str) -> str:
    """Return the feed topic of one visitor of one widget."""
    return f"visitor:{account_id}:{peer}"
