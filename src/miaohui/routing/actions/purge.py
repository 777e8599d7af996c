"""Decisions explain themselves for a time, then they go: the assignments themselves stay with the inbox (R20)."""

from __future__ import annotations

from datetime import timedelta

from miaohui.kit.ids import first_id_at
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.shop.queries import find_policy

BATCH = 500


def purge_decisions(tx: Tx, shop_id: int) -> bool:
    """Delete a shop's decisions that are older than its policy keeps them, 500 at most; return whether there
    may be more."""
    days = (find_policy(tx.conn, shop_id, "retention", tx.now) or {})["dispatch_decisions_days"]
    before_id = first_id_at(tx.now - timedelta(days=int(days)))
    return store.rows.purge_decisions(tx.conn, shop_id, before_id, BATCH) == BATCH
