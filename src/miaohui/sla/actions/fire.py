"""Fire what is due: warnings, pop-ups, breaches, at their deadline and exactly once (reliability.md R11).

A clock is a row with deadlines; the update carries the deadline it saw, so whoever comes second changes
nothing. A process that dies in between has changed nothing either: the next one finds the row as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import raw_rows
from miaohui.kit.tx import Tx
from miaohui.sla.events import ClockBreached, ClockWarned
from miaohui.sla.model.deadlines import Deadlines
from miaohui.sla.model.waiting import slow_reply
from miaohui.sla.store import DUE, DUE_LOCKED, FIRE, SLOW_OF_AGENT

MOST_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Due:
    """A clock with a deadline that has come."""

    id: int
    shop_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    target_s: int
    next_ms: int
    deadlines: Deadlines


def fire_due(tx: Tx) -> int:
    """Fire what is due at `tx.now`, at most 300 clocks a call; return how many."""
    sql = DUE if tx.conn.dialect.name == "sqlite" else DUE_LOCKED
    fired = 0
    popped: dict[int, set[int | None]] = {}
    for row in raw_rows(tx.conn, sql, (to_ms(tx.now), MOST_AT_ONCE)):
        clock = _due(row)
        after = clock.deadlines.handled(tx.now)
        if not _compare_and_set(tx, clock, after):
            continue
        fired += 1
        before = clock.deadlines
        if after.warned_at != before.warned_at:
            _warn(tx, clock)
        if after.popped_at != before.popped_at:
            popped.setdefault(clock.shop_id, set()).add(clock.agent_id)
        if after.breached_at != before.breached_at:
            _breach(tx, clock)
    for shop_id, agents in popped.items():
        for agent_id in agents:
            _pop_up(tx, shop_id, agent_id)
    return fired


def _due(row: Any) -> Due:
    times: list[datetime | None] = [ms if ms is None else from_ms(ms) for ms in row[6:13]]
    due, warn, popup, _, warned, popped, breached = times
    assert due is not None and warn is not None and popup is not None
    return Due(*row[:6], row[9], Deadlines(warn, popup, due, warned, popped, breached))


def _compare_and_set(tx: Tx, clock: Due, after: Deadlines) -> bool:
    marks = (after.warned_at, after.popped_at, after.breached_at, after.next_at)
    stored = [None if at is None else to_ms(at) for at in marks]
    return tx.run(FIRE, *stored, clock.id, clock.next_ms) == 1


def _topics(clock: Due) -> list[str]:
    topics = ["shop", "board", f"conversation:{clock.conversation_id}"]
    topics += [f"agent:{clock.agent_id}"] if clock.agent_id is not None else []
    return topics + ([f"group:{clock.group_id}"] if clock.group_id is not None else [])


def _facts(clock: Due) -> dict[str, Any]:
    return {
        "clock_id": clock.id, "conversation_id": clock.conversation_id, "agent_id": clock.agent_id,
        "group_id": clock.group_id, "due_at": clock.deadlines.due_at, "target_s": clock.target_s,
    }  # fmt: skip


def _warn(tx: Tx, clock: Due) -> None:
    tx.feed(clock.shop_id, _topics(clock), "sla.clock_warned", _facts(clock))
    tx.publish(
        ClockWarned(
            clock.shop_id, clock.id, clock.conversation_id, clock.agent_id, clock.group_id,
            clock.deadlines.due_at, tx.now,
        )
    )  # fmt: skip


def _breach(tx: Tx, clock: Due) -> None:
    tx.feed(clock.shop_id, _topics(clock), "sla.clock_breached", _facts(clock))
    tx.publish(
        ClockBreached(
            clock.shop_id, clock.id, clock.conversation_id, clock.agent_id, clock.group_id, clock.target_s,
            clock.deadlines.due_at, tx.now,
        )
    )  # fmt: skip


def _pop_up(tx: Tx, shop_id: int, agent_id: int | None) -> None:
    """Tell an agent once about all who wait 100 s, led by the longest; those of nobody go to the board."""
    if agent_id is None:
        tx.feed(shop_id, ["board"], "sla.slow_queue", {})
        return
    rows = tx.rows(SLOW_OF_AGENT, shop_id, agent_id, to_ms(tx.now))
    merged = slow_reply((row[0], from_ms(row[1])) for row in rows)
    if merged is not None:
        tx.feed(
            shop_id,
            [f"agent:{agent_id}", "board"],
            "sla.slow_reply",
            {
                "agent_id": agent_id,
                "conversation_id": merged.conversation_id,
                "waiting_since": merged.waiting_since,
                "count": merged.count,
                "conversation_ids": merged.conversation_ids[:50],
            },
        )
