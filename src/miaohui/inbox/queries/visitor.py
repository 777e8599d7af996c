"""What a visitor of the web widget may see of their own conversation: no notes, no names, no inner states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms
from miaohui.kit.db import Sql, raw_rows

_TALKS = Sql(
    "SELECT id, status FROM inbox_conversations WHERE shop_id = ? AND account_id = ? AND peer = ?"
    " ORDER BY id DESC LIMIT 20"
)
_LINES = (
    "SELECT id, conversation_id, role, parts, occurred_ms, seq_hint, message_key, recalled_ms"
    " FROM inbox_messages WHERE shop_id = ? AND conversation_id IN ({marks})"
    " AND (role = 'buyer' OR (role IN ('agent', 'bot') AND state = 'delivered')) AND occurred_ms < ?"
    " ORDER BY occurred_ms DESC, seq_hint DESC, id DESC LIMIT ?"
)
FOREVER_MS = 9_007_199_254_740_991


@dataclass(frozen=True)
class VisitorLine:
    """One bubble as the visitor sees it. `frame_id` is the page's own id of what the visitor sent."""

    id: int
    role: Literal["me", "agent", "bot"]
    parts: list[dict[str, Any]]
    at: datetime
    frame_id: str | None
    is_recalled: bool


@dataclass(frozen=True)
class VisitorPage:
    """A visitor's newest lines, oldest first; `before_ms` leads to older ones, None at the beginning."""

    lines: list[VisitorLine]
    before_ms: int | None
    is_open: bool
    conversation_id: int | None


def read_visitor_page(
    conn: Connection, shop_id: int, account_id: int, peer: str, page: tuple[int, int]
) -> VisitorPage:
    """Return what a visitor sees of their last twenty conversations. `page`: (before_ms, limit)."""
    talks = raw_rows(conn, _TALKS, (shop_id, account_id, peer))
    if not talks:
        return VisitorPage([], None, False, None)
    before_ms, limit = page
    ids = [row[0] for row in talks]
    sql = Sql(_LINES.format(marks=", ".join("?" * len(ids))))
    rows = raw_rows(conn, sql, (shop_id, *ids, before_ms, limit))
    lines = [_line(row) for row in reversed(rows)]
    older = rows[-1][4] if len(rows) == limit else None
    open_id = talks[0][0] if talks[0][1] == "open" else None
    return VisitorPage(lines, older, open_id is not None, open_id)


def _line(row: Any) -> VisitorLine:
    is_recalled = row[7] is not None
    parts = [] if is_recalled else msgspec.json.decode(row[3])
    roles: dict[str, Literal["me", "agent", "bot"]] = {"buyer": "me", "agent": "agent", "bot": "bot"}
    frame_id = row[6] if row[2] == "buyer" else None
    return VisitorLine(row[0], roles[row[2]], parts, from_ms(row[4]), frame_id, is_recalled)
