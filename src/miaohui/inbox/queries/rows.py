"""How a conversation looks in lists and in the live feed: one row, one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from miaohui.inbox.model import FAR_MS
from miaohui.inbox.queries.conversations import Conversation
from miaohui.kit.clock import from_ms


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


ROW_FIELDS = (
    "id", "buyer_id", "buyer_name_zh", "channel", "account_id", "entry", "status", "group_id", "agent_id",
    "priority", "due_at", "waiting_since", "last_message_at", "last_role", "last_text", "unread_count",
    "message_count", "snoozed_until", "opened_at", "closed_at", "buyer_read_at", "version",
)  # fmt: skip


def row_of_conversation(talk: Conversation) -> dict[str, Any]:
    """Return the list row of a conversation that was read as a whole."""
    return {name: getattr(talk, name) for name in ROW_FIELDS}
