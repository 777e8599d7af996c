"""Sessions and rounds: lists for evidence, and what measures are made of."""

# ruff: noqa: E501
from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from miaohui.insight.model.rollup import TURN_FIELDS, TurnFact
from miaohui.insight.model.window import SessionRow
from miaohui.kit.db import Sql, raw_rows

SESSION_FIELDS = (
    "session_id", "platform", "buyer", "agent", "agents", "started_ms", "human_ms", "ended_ms", "buyer_n", "agent_n",
    "robot_n", "perfunctory_n", "turns_n", "missed_n", "sum_ms", "first_response_ms", "queue_ms", "intent", "product_id",
    "entry", "rating", "scoped", "first_text",
)  # fmt: skip
_BETWEEN = Sql(
    "SELECT session_id FROM insight_sessions WHERE shop_id = ? AND started_ms >= ? AND started_ms < ?"
)
_TURNS = Sql(
    f"SELECT {', '.join(TURN_FIELDS)} FROM insight_turns WHERE shop_id = ? AND anchor_ms >= ? AND anchor_ms < ?"
    " ORDER BY anchor_ms"
)
_LINKS = Sql(
    "SELECT o.order_id, o.session_id FROM insight_session_orders o JOIN insight_sessions s"
    " ON s.shop_id = o.shop_id AND s.session_id = o.session_id"
    " WHERE o.shop_id = ? AND s.started_ms >= ? AND s.started_ms < ?"
)
_EDGES = Sql("SELECT min(started_ms), max(started_ms), count(*) FROM insight_sessions WHERE shop_id = ?")


def list_session_ids_between(conn: Connection, shop_id: int, from_ms: int, to_ms: int) -> list[str]:
    """Return the sessions that began in a span."""
    return [row[0] for row in raw_rows(conn, _BETWEEN, (shop_id, from_ms, to_ms))]


def list_sessions(
    conn: Connection, shop_id: int, from_ms: int, to_ms: int, platform: str = ""
) -> list[SessionRow]:
    """Return the sessions that began in a span, by time."""
    sql = (
        f"SELECT {', '.join(SESSION_FIELDS)} FROM insight_sessions WHERE shop_id = ? AND started_ms >= ?"
        " AND started_ms < ?" + (" AND platform = ?" if platform else "") + " ORDER BY started_ms, session_id"
    )
    params: list[Any] = [shop_id, from_ms, to_ms, *([platform] if platform else [])]
    return [SessionRow(*row) for row in raw_rows(conn, Sql(sql), params)]


def list_turns(conn: Connection, shop_id: int, from_ms: int, to_ms: int) -> list[TurnFact]:
    """Return the rounds that began in a span, by time."""
    return [tuple(row) for row in raw_rows(conn, _TURNS, (shop_id, from_ms, to_ms))]


def sessions_of_orders(
    conn: Connection, shop_id: int, from_ms: int, to_ms: int
) -> dict[str, tuple[str, ...]]:
    """Return order → sessions that named it, for sessions that began in a span."""
    result: dict[str, list[str]] = {}
    for order_id, session_id in raw_rows(conn, _LINKS, (shop_id, from_ms, to_ms)):
        result.setdefault(order_id, []).append(session_id)
    return {order_id: tuple(found) for order_id, found in result.items()}


def session_span(conn: Connection, shop_id: int) -> tuple[int, int, int] | None:
    """Return the first and the last start and the number of sessions; None without any."""
    first, last, count = raw_rows(conn, _EDGES, (shop_id,))[0]
    return (int(first), int(last), int(count)) if count else None
