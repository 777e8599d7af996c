"""Where a person's data are in the inbox: what an erasure has to go through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from miaohui.channels.model import RawRequest
from miaohui.inbox.store.conversations import conversations
from miaohui.inbox.store.deliveries import deliveries
from miaohui.inbox.store.work import attachments
from miaohui.kit.clock import from_ms


def list_talks(conn: Connection, shop_id: int, buyer_ids: Sequence[int]) -> list[tuple[int, int, str, str]]:
    """Return (conversation, account, peer, platform id) of these buyers, oldest first."""
    rows = conn.execute(
        select(
            conversations.c.id, conversations.c.account_id, conversations.c.peer,
            conversations.c.buyer_platform_id,
        )
        .where(conversations.c.shop_id == shop_id, conversations.c.buyer_id.in_(buyer_ids))
        .order_by(conversations.c.id)
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def list_deliveries_after(
    conn: Connection, shop_id: int, account_ids: Iterable[int], after_id: int, limit: int = 200
) -> list[tuple[int, str, RawRequest, str]]:
    """Return the next raw deliveries of some accounts that still have a body, with account key and channel."""
    t = deliveries.c
    rows = conn.execute(
        select(t.id, t.account_key, t.request, t.body, t.received_ms, t.channel)
        .where(
            t.shop_id == shop_id,
            t.account_id.in_(list(account_ids)),
            t.id > after_id,
            func.length(t.body) > 0,
        )
        .order_by(t.id)
        .limit(limit)
    )
    return [(row[0], row[1], _raw(row.request, bytes(row.body), row.received_ms), row[5]) for row in rows]


def _raw(request: Any, body: bytes, received_ms: int) -> RawRequest:
    said: Mapping[str, Any] = msgspec.json.decode(request) if isinstance(request, str) else request
    return RawRequest(
        said.get("method", "POST"), said.get("path", ""), said.get("headers", {}), said.get("query", {}), body,
        from_ms(received_ms),
    )  # fmt: skip


def is_kept(conn: Connection, digest: str) -> bool:
    """Tell whether any shop still has a file with this content."""
    return (
        conn.execute(select(attachments.c.id).where(attachments.c.digest == digest).limit(1)).first()
        is not None
    )
