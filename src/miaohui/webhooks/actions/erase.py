"""Take a person's words out of the delivery log (R20). What was delivered is with the receiver, who must be told."""

from __future__ import annotations

from collections.abc import Sequence

from miaohui.kit.db import Sql, raw_count
from miaohui.kit.tx import Tx

ERASED_BODY = '{"type":"kit.erased","data":{}}'


def erase_bodies(tx: Tx, shop_id: int, marks: Sequence[str]) -> int:
    """Blank the bodies that hold one of these marks (ids as text); return how many."""
    is_hit = " OR ".join("body LIKE ?" for _ in marks)
    sql = Sql(f"UPDATE webhooks_deliveries SET body = ? WHERE shop_id = ? AND ({is_hit})")
    return raw_count(tx.conn, sql, (ERASED_BODY, shop_id, *(f"%{mark}%" for mark in marks)))
