"""Finished rounds and the counters of the day; counters always equal the sum of the facts (house §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.engine import Row

from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx
from miaohui.sla.actions.sessions import Session
from miaohui.sla.model import RoundDefinition
from miaohui.sla.model.rounds import round_fact
from miaohui.sla.queries.today import figures_of
from miaohui.sla.store import ADD_DAY, DAY_COUNTERS, INSERT_ROUND, ROUND_COLUMNS, days, rounds

if TYPE_CHECKING:
    from miaohui.sla.actions.clocks import OpenClock

WHOLE_SHOP = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """A round that ended. `answered_at` None: nobody answered; `agent_id`: who answered, or who had it."""

    clock: OpenClock
    session: Session
    anchor_at: datetime
    answered_at: datetime | None
    agent_id: int | None


def store_round(tx: Tx, ended: Ended, definition: RoundDefinition) -> int | None:
    """Store a finished round and count it for the shop and the agent; return its response in ms."""
    clock, session = ended.clock, ended.session
    fact = round_fact(
        definition, session.opened_at, ended.anchor_at, ended.answered_at, session.last_reply_at
    )
    values = {
        "id": tx.ids.next(), "shop_id": clock.shop_id, "clock_id": clock.id,
        "conversation_id": clock.conversation_id, "on_date": fact.on.isoformat(), "agent_id": ended.agent_id,
        "group_id": clock.group_id, "anchor_at": to_ms(ended.anchor_at),
        "ended_at": to_ms(ended.answered_at or tx.now), "response_ms": fact.response_ms,
        "counted_ms": fact.counted_ms, "excluded": fact.excluded, "target_s": clock.target_s,
        "late_ms": _late_ms(clock.due_at, ended.answered_at or tx.now), **_first_response(ended),
    }  # fmt: skip
    tx.run(INSERT_ROUND, *(values[name] for name in ROUND_COLUMNS))
    added = counters_of(values)
    shop = _add(tx, clock.shop_id, fact.on, WHOLE_SHOP, added)
    tx.feed(
        clock.shop_id,
        ["board"],
        "sla.today_changed",
        {"on_date": values["on_date"], **figures_of(shop, definition)},
    )
    if ended.agent_id is not None:
        own = _add(tx, clock.shop_id, fact.on, ended.agent_id, added)
        tx.feed(
            clock.shop_id,
            [f"agent:{ended.agent_id}", "board"],
            "sla.agent_today_changed",
            {"on_date": values["on_date"], "agent_id": ended.agent_id, **figures_of(own, definition)},
        )
    return fact.response_ms


def _add(tx: Tx, shop_id: int, on: date, agent_id: int, added: Mapping[str, int]) -> dict[str, int]:
    """Add to the counters of a day; return them as they are now."""
    row = tx.rows(ADD_DAY, shop_id, on.isoformat(), agent_id, *(added[name] for name in DAY_COUNTERS))[0]
    return dict(zip(DAY_COUNTERS, row, strict=True))


def _late_ms(due_at: datetime, ended_at: datetime) -> int:
    return max(0, round((ended_at - due_at).total_seconds() * 1000))


def _first_response(ended: Ended) -> dict[str, int | None]:
    """Return queue wait and first response of a stay's first answer; their sum is what the buyer felt.

    Source: domain.md §2.6: from the assignment to the first human answer; waiting in the queue stands apart.
    """
    nothing: dict[str, int | None] = {"queue_wait_ms": None, "first_response_ms": None}
    if ended.answered_at is None or ended.session.first_reply_at is not None:
        return nothing
    served_from = max(ended.session.assigned_at or ended.anchor_at, ended.anchor_at)
    served_from = min(served_from, ended.answered_at)
    return {
        "queue_wait_ms": round((served_from - ended.anchor_at).total_seconds() * 1000),
        "first_response_ms": round((ended.answered_at - served_from).total_seconds() * 1000),
    }


def counters_of(round_values: Mapping[str, Any]) -> dict[str, int]:
    """Return what one round adds to a day. Excluded rounds are counted apart and add nothing else."""
    counts = round_values["excluded"] == ""
    answered = round_values["response_ms"] is not None
    first, queued = round_values["first_response_ms"], round_values["queue_wait_ms"]
    return {
        "round_count": int(counts),
        "sum_ms": round_values["counted_ms"] if counts else 0,
        "answered_count": int(counts and answered),
        "unanswered_count": int(counts and not answered),
        "excluded_count": int(not counts),
        "breached_count": int(round_values["late_ms"] > 0),
        "first_response_count": int(first is not None),
        "first_response_ms": first or 0,
        "queue_wait_count": int(queued is not None),
        "queue_wait_ms": queued or 0,
    }


def subtract_round(tx: Tx, row: Row[Any]) -> None:
    """Take a stored round out of the counters again."""
    taken = {name: -value for name, value in counters_of(dict(row._mapping)).items()}
    for agent_id in {WHOLE_SHOP, row.agent_id or WHOLE_SHOP}:
        _add(tx, row.shop_id, date.fromisoformat(row.on_date), agent_id, taken)


def rebuild_day(tx: Tx, shop_id: int, on: date) -> int:
    """Count a day again from its round facts; return how many rounds it has. Nothing changes when all is well."""
    tx.execute(delete(days).where(days.c.shop_id == shop_id, days.c.on_date == on.isoformat()))
    rows = tx.execute(
        select(rounds).where(rounds.c.shop_id == shop_id, rounds.c.on_date == on.isoformat())
    ).all()
    for row in rows:
        added = counters_of(dict(row._mapping))
        for agent_id in {WHOLE_SHOP, row.agent_id or WHOLE_SHOP}:
            _add(tx, shop_id, on, agent_id, added)
    return len(rows)
