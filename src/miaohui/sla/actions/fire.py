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
from miaohui.sla.store import DUE, DUE_LOCKED, FIRE, SLOW_OF_AGENT, SLOW_OF_NOBODY

MOST_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Due:
    """A clock with a deadline that has come, in the order of `store.DUE`."""

    id: int
    shop_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    target_s: int
    next_ms: int
    deadlines: Deadlines

    @property
    def due_at(self) -> datetime:
        return from_ms(self.deadlines.due_ms)


def fire_due(tx: Tx) -> int:
    """Fire what is due at `tx.now`, at most 300 clocks a call; return how many."""
    now_ms = to_ms(tx.now)
    sql = DUE if tx.conn.dialect.name == "sqlite" else DUE_LOCKED
    fired = 0
    popped: set[tuple[int, int | None]] = set()
    for row in raw_rows(tx.conn, sql, (now_ms, MOST_AT_ONCE)):
        clock = _due(row)
        before, after = clock.deadlines, clock.deadlines.handled(now_ms)
        marks = (after.warned_ms, after.popped_ms, after.breached_ms, after.next_ms)
        if tx.run(FIRE, *marks, clock.id, clock.next_ms) != 1:
            continue
        fired += 1
        if after.warned_ms != before.warned_ms:
            _warn(tx, clock)
        if after.popped_ms != before.popped_ms:
            popped.add((clock.shop_id, clock.agent_id))
        if after.breached_ms != before.breached_ms:
            _breach(tx, clock)
    for shop_id, agent_id in sorted(popped, key=str):
        _pop_up(tx, shop_id, agent_id)
    return fired


def _due(row: Any) -> Due:
    clock_id, shop_id, conversation_id, agent_id, group_id, target_s, next_ms, *times = row
    deadlines = Deadlines(*times)
    return Due(clock_id, shop_id, conversation_id, agent_id, group_id, target_s, next_ms, deadlines)


def _topics(clock: Due) -> list[str]:
    topics = ["shop", "board", f"conversation:{clock.conversation_id}"]
    topics += [f"agent:{clock.agent_id}"] if clock.agent_id is not None else []
    return topics + ([f"group:{clock.group_id}"] if clock.group_id is not None else [])


def _facts(clock: Due) -> dict[str, Any]:
    return {
        "clock_id": clock.id, "conversation_id": clock.conversation_id, "agent_id": clock.agent_id,
        "group_id": clock.group_id, "due_at": clock.due_at, "target_s": clock.target_s,
    }  # fmt: skip


def _warn(tx: Tx, clock: Due) -> None:
    tx.feed(clock.shop_id, _topics(clock), "sla.clock_warned", _facts(clock))
    tx.publish(
        ClockWarned(
            clock.shop_id, clock.id, clock.conversation_id, clock.agent_id, clock.group_id,
            clock.due_at, tx.now,
        )
    )  # fmt: skip


def _breach(tx: Tx, clock: Due) -> None:
    tx.feed(clock.shop_id, _topics(clock), "sla.clock_breached", _facts(clock))
    tx.publish(
        ClockBreached(
            clock.shop_id, clock.id, clock.conversation_id, clock.agent_id, clock.group_id, clock.target_s,
            clock.due_at, tx.now,
        )
    )  # fmt: skip


def _pop_up(tx: Tx, shop_id: int, agent_id: int | None) -> None:
    """Tell an agent once about all who wait 100 s, led by the longest; those of nobody go to the board."""
    now_ms = to_ms(tx.now)
    if agent_id is None:
        rows = tx.rows(SLOW_OF_NOBODY, shop_id, now_ms)
        name, topics = "sla.slow_queue", ["board"]
    else:
        rows = tx.rows(SLOW_OF_AGENT, shop_id, agent_id, now_ms)
        name, topics = "sla.slow_reply", [f"agent:{agent_id}", "board"]
    merged = slow_reply((row[0], from_ms(row[1])) for row in rows)
    if merged is not None:
        tx.feed(
            shop_id,
            topics,
            name,
            {
                "agent_id": agent_id,
                "conversation_id": merged.conversation_id,
                "waiting_since": merged.waiting_since,
                "count": merged.count,
                "conversation_ids": merged.conversation_ids[:50],
            },
        )
