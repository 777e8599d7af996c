"""Give running clocks new deadlines when rules, live sessions or groups change, with a row that says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from miaohui.inbox.actions.conversation import set_due
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.tx import Tx
from miaohui.sla.actions.clocks import OpenClock, deadlines_of, ring_soon, rules_now
from miaohui.sla.events import ClockRetargeted
from miaohui.sla.model import Promise, Rules, retargeted
from miaohui.sla.store import clocks, retargets

CHUNK = 300


def retarget_clocks(tx: Tx, shop_id: int, why_zh: str, after_id: int = 0) -> int | None:
    """Bring up to 300 open clocks in line with the rules of now; return where to go on, None when done.

    Clocks that are breached stay as they are: their promise was broken under the old rules.
    """
    rows = tx.execute(
        select(clocks)
        .where(
            clocks.c.shop_id == shop_id,
            clocks.c.ended_at.is_(None),
            clocks.c.breached_at.is_(None),
            clocks.c.id > after_id,
        )
        .order_by(clocks.c.id)
        .limit(CHUNK)
    ).all()
    rules = rules_now(tx, shop_id)
    for row in rows:
        retarget_clock(tx, row, rules, why_zh)
    return rows[-1].id if len(rows) == CHUNK else None


def retarget_clock(tx: Tx, clock: OpenClock | Row[Any], rules: Rules, why_zh: str) -> bool:
    """Bring one clock in line with the rules; False when nothing changes."""
    promise = retargeted(clock.due_at, clock.started_at, tx.now, rules, clock.group_id)
    if (promise.due_at, promise.target_s) == (clock.due_at, clock.target_s):
        return False
    put_promise(tx, clock, promise, why_zh)
    return True


def put_promise(tx: Tx, clock: OpenClock | Row[Any], promise: Promise, why_zh: str) -> None:
    """Write a clock's new deadlines and the row that says why; tell lists and timers."""
    deadlines = replace(
        deadlines_of(promise),
        warned_ms=_ms(clock.warned_at),
        popped_ms=_ms(clock.popped_at),
        breached_ms=_ms(clock.breached_at),
    )
    next_ms = deadlines.next_ms
    moved = tx.execute(
        update(clocks)
        .where(clocks.c.id == clock.id, clocks.c.ended_at.is_(None), clocks.c.breached_at.is_(None))
        .values(
            due_at=promise.due_at, warn_at=promise.warn_at, popup_at=promise.popup_at,
            counts_from_at=promise.counts_from_at, started_at=promise.received_at,
            target_s=promise.target_s, reason_zh=promise.reason_zh, source=promise.source,
            next_at=None if next_ms is None else from_ms(next_ms),
        )
    )  # fmt: skip
    if moved.rowcount != 1:
        return
    tx.execute(
        insert(retargets).values(
            id=tx.ids.next(), shop_id=clock.shop_id, clock_id=clock.id, old_target_s=clock.target_s,
            new_target_s=promise.target_s, old_due_at=clock.due_at, new_due_at=promise.due_at,
            why_zh=why_zh, author=tx.actor.name, at=tx.now,
        )
    )  # fmt: skip
    set_due(tx, clock.shop_id, clock.conversation_id, promise.due_at, tell=True)
    ring_soon(tx, next_ms)
    tx.publish(
        ClockRetargeted(
            clock.shop_id, clock.id, clock.conversation_id, clock.due_at, promise.due_at, why_zh, tx.now
        )
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)
