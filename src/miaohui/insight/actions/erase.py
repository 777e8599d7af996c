"""Take a person's words out of the marks that rounds are built from; the figures stay (R20)."""

from __future__ import annotations

from miaohui.kit.db import Sql, raw_count
from miaohui.kit.tx import Tx

_MARKS = Sql("UPDATE insight_marks SET text = NULL WHERE shop_id = ? AND session_id = ? AND text IS NOT NULL")
_FIRST = Sql(
    "UPDATE insight_sessions SET first_text = '' WHERE shop_id = ? AND session_id = ? AND first_text <> ''"
)


def erase_session(tx: Tx, shop_id: int, session_id: str) -> int:
    """Blank the texts of one session; return how many there were."""
    return sum(raw_count(tx.conn, sql, (shop_id, session_id)) for sql in (_MARKS, _FIRST))
