"""What has done its work goes after the shop's own time for it; what waits stays, whatever its age (R20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from miaohui.inbox.store.deliveries import PURGE, PURGE_ATTEMPTS, PURGE_REPLAYS
from miaohui.kit.clock import to_ms
from miaohui.kit.ids import first_id_at
from miaohui.kit.tx import Tx
from miaohui.shop.queries import find_policy

BATCH = 500  # rows of a kind in one transaction: somebody may be waiting for the next one


def purge_worked(tx: Tx, shop_id: int) -> bool:
    """Delete a shop's handled and failed deliveries, replays and attempts to send that are too old, 500 of each
    at most; return whether there may be more."""
    days = find_policy(tx.conn, shop_id, "retention", tx.now) or {}
    handled, failed = (
        _before(tx, days, "handled_deliveries_days"),
        _before(tx, days, "failed_deliveries_days"),
    )
    sent = _before(tx, days, "send_attempts_days")
    gone = [
        tx.run(PURGE, shop_id, "done", to_ms(handled), BATCH),
        tx.run(PURGE, shop_id, "failed", to_ms(failed), BATCH),
        tx.run(PURGE_REPLAYS, shop_id, first_id_at(failed), BATCH),
        tx.run(PURGE_ATTEMPTS, shop_id, first_id_at(sent), BATCH),
    ]
    return BATCH in gone


def _before(tx: Tx, days: dict[str, Any], name: str) -> datetime:
    return tx.now - timedelta(days=int(days[name]))
