"""Loading a window: everything a report looks at, in a handful of statements."""

# ruff: noqa: E501
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.importing import queries as files
from miaohui.importing.queries import Where
from miaohui.insight.model.aftersales import AfterSale
from miaohui.insight.model.values import DAY_MS, day_end_ms, day_start_ms, local_day
from miaohui.insight.model.window import OrderRow, ReviewRow, Window
from miaohui.insight.queries.policies import credit_rules, list_definitions, list_exemptions
from miaohui.insight.queries.rollups import list_cells
from miaohui.insight.queries.sessions import list_sessions, list_turns, session_span, sessions_of_orders

ORDER_FIELDS = (
    "item_id", "order_id", "product_id", "product", "pay_fen", "created_ms", "paid_ms", "shipped_ms", "promised_ship_ms",
    "status", "content_form", "traffic_channel", "traffic_source", "creator", "buyer_key",
)  # fmt: skip
SALE_FIELDS = (
    "aftersale_id", "order_id", "product_id", "product", "aftersale_type", "status", "applied_ms", "agreed_ms", "refunded_ms",
    "closed_ms", "finished_ms", "deadline_ms", "reason", "arbitration", "liable", "instant_refund", "pay_fen", "refund_fen",
)  # fmt: skip
REVIEW_FIELDS = (
    "review_id", "order_id", "product", "stars", "text", "reviewed_ms", "replied_ms", "more_stars", "outcome", "handled_ms",
    "agent", "creator",
)  # fmt: skip
_YES = frozenset({"是", "1", "true", "yes", "极速退款"})


def load_window(conn: Connection, shop_id: int, from_on: str, to_on: str, platform: str = "douyin") -> Window:
    """Return the window of a span of local days, both included."""
    first, last = day_start_ms(from_on), day_end_ms(to_on)
    rules = credit_rules(conn, shop_id, to_on)
    lead = first - rules.window_days * DAY_MS
    earlier = list_sessions(conn, shop_id, lead, first, platform)
    return Window(
        shop_id, platform, from_on, to_on,
        list_cells(conn, shop_id, first, last, platform),
        list_sessions(conn, shop_id, first, last, platform),
        [turn for turn in list_turns(conn, shop_id, first, last) if turn[2] == platform],
        list_orders(conn, shop_id, first, last, platform),
        list_sales(conn, shop_id, first, last, platform),
        list_reviews(conn, shop_id, first, last),
        sessions_of_orders(conn, shop_id, lead, last),
        earlier,
        list_service(conn, shop_id, platform, from_on, to_on),
        agent_groups(conn, shop_id),
        orders_span(conn, shop_id),
        rules,
        list_definitions(conn, shop_id),
        list_exemptions(conn, shop_id),
    )  # fmt: skip


def _order(row: Sequence[Any]) -> OrderRow:
    texts = [cell or "" for cell in row[9:]]
    values: list[Any] = [*row[:2], row[2] or "", row[3] or "", row[4] or 0, *row[5:9], *texts]
    return OrderRow(*values)


def _sale(row: Sequence[Any]) -> AfterSale:
    values: list[Any] = [
        row[0], *(cell or "" for cell in row[1:6]), *row[6:12], row[12] or "未填", row[13] or "", row[14] or "",
        (row[15] or "") in _YES, row[16] or 0, row[17] or 0,
    ]  # fmt: skip
    return AfterSale(*values)


def list_orders(conn: Connection, shop_id: int, first: int, last: int, platform: str) -> list[OrderRow]:
    """Return the order lines placed in a span."""
    where = Where(
        "created_ms >= ? AND created_ms < ? AND platform = ?", (first, last, platform), "created_ms, item_id"
    )
    return [_order(row) for row in files.iter_facts(conn, shop_id, "orders", ORDER_FIELDS, where)]


def list_sales(conn: Connection, shop_id: int, first: int, last: int, platform: str) -> list[AfterSale]:
    """Return the after-sales applied for in a span."""
    where = Where(
        "applied_ms >= ? AND applied_ms < ? AND platform = ?",
        (first, last, platform),
        "applied_ms, aftersale_id",
    )
    return [_sale(row) for row in files.iter_facts(conn, shop_id, "aftersales", SALE_FIELDS, where)]


def list_reviews(conn: Connection, shop_id: int, first: int, last: int) -> list[ReviewRow]:
    """Return the reviews written in a span."""
    where = Where("reviewed_ms >= ? AND reviewed_ms < ?", (first, last), "reviewed_ms, review_id")
    return [
        ReviewRow(
            row[0], row[1] or "", row[2] or "", row[3] or 0, row[4] or "", row[5], row[6], row[7], row[8] or "", row[9],
            row[10] or "", row[11] or "",
        )
        for row in files.iter_facts(conn, shop_id, "reviews", REVIEW_FIELDS, where)
        if row[3]
    ]  # fmt: skip


def list_service(
    conn: Connection, shop_id: int, platform: str, from_on: str, to_on: str
) -> list[tuple[str, str, str, str, str, float]]:
    """Return the platform's own figures inside a span: level, agent, from, to, metric, value."""
    where = Where(
        "platform = ? AND from_on >= ? AND to_on <= ?",
        (platform, from_on, to_on),
        "level, agent, from_on, to_on, metric",
    )
    fields = ("level", "agent", "from_on", "to_on", "metric", "value")
    return [tuple(row) for row in files.iter_facts(conn, shop_id, "service", fields, where)]


def orders_span(conn: Connection, shop_id: int) -> tuple[int, int] | None:
    """Return the first and last moment that the imported orders cover, or None without any."""
    span = files.fact_span(conn, shop_id, "orders")
    return None if span is None else (int(span[0]), int(span[1]))


def agent_groups(conn: Connection, shop_id: int) -> dict[str, str]:
    """Return agent → group, by the roster: the group an agent worked in most often."""
    seen: dict[str, Counter[str]] = {}
    for agent, group in files.iter_facts(conn, shop_id, "shifts", ("agent", "group_name")):
        if group:
            seen.setdefault(agent, Counter())[group] += 1
    return {agent: found.most_common(1)[0][0] for agent, found in seen.items()}


def data_span(conn: Connection, shop_id: int) -> dict[str, Any]:
    """Return the local days that there is data for, by kind; {} when there is none."""
    result: dict[str, Any] = {}
    for table in ("orders", "aftersales", "reviews", "shifts"):
        span = files.fact_span(conn, shop_id, table)
        if span is not None:
            result[table] = (local_day(int(span[0])), local_day(int(span[1])))
    service = files.fact_span(conn, shop_id, "service")
    if service is not None:
        result["service"] = (str(service[0]), str(service[1]))
    sessions = session_span(conn, shop_id)
    if sessions is not None:
        result["sessions"] = (local_day(sessions[0]), local_day(sessions[1]))
    return result
