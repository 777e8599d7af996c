"""Public reads of `phrasebook`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from miaohui.phrasebook.model import QUICK_REPLIES, QuickReply, replies_of
from miaohui.shop.queries import find_policy


def list_quick_replies(conn: Connection, shop_id: int, at: datetime) -> list[QuickReply]:
    """Return the quick replies that hold at `at`, in the order that the shop gave them."""
    value = find_policy(conn, shop_id, QUICK_REPLIES.kind, at)
    return [] if value is None else replies_of(value)
