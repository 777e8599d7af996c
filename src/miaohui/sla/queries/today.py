"""Reads of the day's rounds: counters, averages, what may still stay unanswered (domain.md §2.6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row

from miaohui.sla.model import RoundDefinition, affordable
from miaohui.sla.store import DAY_COUNTERS, clocks, days, rounds


def day_figures(
    conn: Connection, shop_id: int, on: date, agent_id: int, definition: RoundDefinition
) -> dict[str, Any]:
    """Return the counters of a local day with average and affordable unanswered rounds; agent 0: the shop.

    Units: seconds with milliseconds as decimals; None where nothing was measured.
    """
    row = conn.execute(
        select(days).where(
            days.c.shop_id == shop_id, days.c.on_date == on.isoformat(), days.c.agent_id == agent_id
        )
    ).first()
    return figures_of(dict(row._mapping) if row is not None else {}, definition)


def figures_of(counters: dict[str, Any], definition: RoundDefinition) -> dict[str, Any]:
    """Return the figures that follow from the counters of a day."""
    full = {name: int(counters.get(name, 0)) for name in DAY_COUNTERS}
    stand = affordable(
        full["round_count"], full["sum_ms"], definition.target_average_s, definition.no_reply_penalty_s
    )
    return {
        "round_count": full["round_count"],
        "answered_count": full["answered_count"],
        "unanswered_count": full["unanswered_count"],
        "excluded_count": full["excluded_count"],
        "breached_count": full["breached_count"],
        "average_s": stand.average_s,
        "target_average_s": stand.target_s,
        "penalty_s": definition.no_reply_penalty_s,
        "unanswered_left": stand.unanswered_left,
        "first_response_count": full["first_response_count"],
        "first_response_average_s": _mean_s(full["first_response_ms"], full["first_response_count"]),
        "queue_wait_average_s": _mean_s(full["queue_wait_ms"], full["queue_wait_count"]),
    }


def _mean_s(total_ms: int, count: int) -> float | None:
    return total_ms / count / 1000 if count else None


def list_agent_figures(
    conn: Connection, shop_id: int, on: date, definition: RoundDefinition
) -> list[tuple[int, dict[str, Any]]]:
    """Return each agent's figures of a day, most rounds first."""
    rows = conn.execute(
        select(days)
        .where(days.c.shop_id == shop_id, days.c.on_date == on.isoformat(), days.c.agent_id != 0)
        .order_by(days.c.round_count.desc(), days.c.agent_id)
    )
    return [(row.agent_id, figures_of(dict(row._mapping), definition)) for row in rows]


def lost_count(conn: Connection, shop_id: int, now: datetime, definition: RoundDefinition) -> int:
    """Return how many open rounds wait longer than the penalty already: they cost 600 s whatever comes."""
    before = now - timedelta(seconds=definition.no_reply_penalty_s)
    return int(
        conn.execute(
            select(func.count()).where(
                clocks.c.shop_id == shop_id, clocks.c.ended_at.is_(None), clocks.c.started_at <= before
            )
        ).scalar_one()
    )


def list_rounds(
    conn: Connection, shop_id: int, on: date, *, agent_id: int | None = None, limit: int = 200
) -> list[Row[Any]]:
    """Return the rounds of a day that cost most, for opening the conversations behind a figure."""
    query = select(rounds).where(rounds.c.shop_id == shop_id, rounds.c.on_date == on.isoformat())
    if agent_id is not None:
        query = query.where(rounds.c.agent_id == agent_id)
    return list(conn.execute(query.order_by(rounds.c.counted_ms.desc(), rounds.c.id).limit(limit)))
