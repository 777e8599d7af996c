"""What the channel's send window depends on: when the buyer last opened it, and what we sent since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from miaohui.channels.model import ConvState
from miaohui.inbox.queries.conversations import Conversation
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Sql, raw_rows

SHANGHAI = ZoneInfo("Asia/Shanghai")
LOOK_BACK_S = 7 * 86_400
_OF_PEER = Sql(
    "SELECT id FROM inbox_conversations WHERE shop_id = ? AND account_id = ? AND peer = ?"
    " ORDER BY id DESC LIMIT 5"
)
_LAST_LINE = Sql(
    "SELECT m.occurred_ms, m.message_key, m.id FROM inbox_messages m"
    " WHERE m.shop_id = ? AND m.conversation_id = ? AND m.role = 'buyer'"
    " ORDER BY m.occurred_ms DESC, m.seq_hint DESC, m.id DESC LIMIT 1"
)
_SENDS = Sql(
    "SELECT a.scene, a.started_at FROM inbox_send_attempts a JOIN inbox_messages m ON m.id = a.message_id"
    " WHERE m.shop_id = ? AND m.conversation_id = ? AND m.occurred_ms >= ? AND m.role IN ('agent', 'bot')"
    " AND a.outcome IN ('sending', 'delivered', 'unknown')"
)
_OPENINGS = Sql("SELECT act, at, until FROM inbox_openings WHERE shop_id = ? AND account_id = ? AND peer = ?")


@dataclass(frozen=True)
class WindowState:
    """The state of a send window and the buyer's message that opened it (its platform id, '' for none)."""

    state: ConvState
    reply_to: str


def window_state(conn: Connection, talk: Conversation, now: datetime) -> WindowState:
    """Return what the window of this buyer depends on, over their last five conversations."""
    peer = (talk.shop_id, talk.account_id, talk.peer)
    ids = [row[0] for row in raw_rows(conn, _OF_PEER, peer)]
    opened, until = _openings(conn, peer)
    reply_to = ""
    for conversation_id in ids:
        line = raw_rows(conn, _LAST_LINE, (talk.shop_id, conversation_id))
        if line:
            opened["message"], reply_to = from_ms(line[0][0]), line[0][1] or ""
            break
    since_ms = to_ms(now - timedelta(seconds=LOOK_BACK_S))
    sent: list[tuple[str, datetime]] = []
    for conversation_id in ids:
        rows = raw_rows(conn, _SENDS, (talk.shop_id, conversation_id, since_ms))
        sent += [(row[0], from_ms(row[1])) for row in rows]
    local = now.astimezone(SHANGHAI)
    day_start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return WindowState(ConvState(opened, tuple(sent), day_start, until), reply_to)


def _openings(conn: Connection, peer: Any) -> tuple[dict[str, datetime], dict[str, datetime]]:
    opened: dict[str, datetime] = {}
    until: dict[str, datetime] = {}
    for act, at, end in raw_rows(conn, _OPENINGS, peer):
        opened[act] = from_ms(at)
        if end is not None:
            until[act] = from_ms(end)
    return opened, until
