"""The state of the periodic reconcile: how far each stream of each account has been read (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.rows import insert_new


@dataclass(frozen=True)
class Look:
    """One look at a stream: everything that changed since `since`, complete up to `until` when it ends."""

    shop_id: int
    account_id: int
    stream: str
    since: datetime
    until: datetime


def note_page(tx: Tx, look: Look, cursor: str | None, fact_count: int, repaired_count: int) -> None:
    """Remember a page: the place to go on from after a crash, or that the look is complete (cursor None)."""
    key = (
        store.cursors.c.shop_id == look.shop_id,
        store.cursors.c.account_id == look.account_id,
        store.cursors.c.stream == look.stream,
    )
    values: dict[str, Any] = {
        "page_since": None if cursor is None else look.since,
        "page_until": None if cursor is None else look.until,
        "page_cursor": cursor,
        "ran_at": tx.now,
        "error": None,
    }
    if cursor is None:
        values["done_until"] = look.until
    _ensure(tx, look)
    tx.execute(
        update(store.cursors)
        .where(*key)
        .values(
            **values,
            fact_count=store.cursors.c.fact_count + fact_count,
            repaired_count=store.cursors.c.repaired_count + repaired_count,
        )
    )


def note_failure(tx: Tx, look: Look, error: str) -> None:
    """Remember why a stream could not be read, and tell administrators on the live feed."""
    _ensure(tx, look)
    tx.execute(
        update(store.cursors)
        .where(
            store.cursors.c.shop_id == look.shop_id,
            store.cursors.c.account_id == look.account_id,
            store.cursors.c.stream == look.stream,
        )
        .values(error=error[:500], ran_at=tx.now)
    )
    tx.feed(
        look.shop_id,
        ("shop", "admin"),
        "trade.reconcile_failed",
        {"account_id": look.account_id, "stream": look.stream, "error": error[:500]},
    )


def _ensure(tx: Tx, look: Look) -> None:
    insert_new(
        tx,
        store.cursors,
        {
            "id": tx.ids.next(),
            "shop_id": look.shop_id,
            "account_id": look.account_id,
            "stream": look.stream,
            "ran_at": tx.now,
            "fact_count": 0,
            "repaired_count": 0,
        },
    )
