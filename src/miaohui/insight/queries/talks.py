"""One conversation behind a figure: what was said, from the files; a live one is told by its number at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from miaohui.importing import queries as files
from miaohui.importing.queries import Where
from miaohui.insight.model.window import SessionRow
from miaohui.insight.queries.sessions import SESSION_FIELDS
from miaohui.kit.db import Sql, raw_rows
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.text import masked_text

MAX_LINES = 500
_SESSION = Sql(
    f"SELECT {', '.join(SESSION_FIELDS)} FROM insight_sessions WHERE shop_id = ? AND session_id = ?"
)
_LIVE = Sql("SELECT 1 FROM insight_marks WHERE shop_id = ? AND session_id = ? LIMIT 1")


@dataclass(frozen=True)
class Line:
    """One line that was said. `role`: buyer, agent, robot, system; numbers of people are masked."""

    at_ms: int
    role: str
    sender: str
    text: str


@dataclass(frozen=True)
class Talk:
    """A conversation. `conversation_id` None: it came from a file, and `lines` are all there is of it."""

    session: SessionRow
    conversation_id: int | None
    lines: list[Line]


def get_talk(conn: Connection, shop_id: int, session_id: str) -> Talk:
    """Return a conversation that figures were counted from. Raises: Refusal kit.not_found."""
    found = raw_rows(conn, _SESSION, (shop_id, session_id))
    if not found:
        NOT_FOUND.refuse()
    if session_id.isdigit() and raw_rows(conn, _LIVE, (shop_id, session_id)):
        return Talk(SessionRow(*found[0]), int(session_id), [])
    where = Where("session_id = ?", (session_id,), "at_ms, seq")
    rows = files.iter_facts(conn, shop_id, "messages", ("at_ms", "role", "sender", "text"), where)
    lines = [Line(at, role, sender or "", masked_text(text or "")) for at, role, sender, text in rows]
    return Talk(SessionRow(*found[0]), None, lines[:MAX_LINES])
