"""The platform's own figures beside ours, for the same days."""

from __future__ import annotations

from typing import Any

from miaohui.insight.model.indicators import rating_ratio
from miaohui.insight.model.platform import service_value
from miaohui.insight.model.reconcile import Comparison, Facts, compare
from miaohui.insight.model.statistics import Ratio
from miaohui.insight.model.window import Window

METRICS: tuple[tuple[str, str, str], ...] = (
    ("avg_response_s", "平均响应时长", "s"),
    ("first_response_s", "首次响应时长", "s"),
    ("reply_3m_rate_session", "3 分钟人工回复率（会话）", "%"),
    ("reply_3m_rate_msg", "3 分钟人工回复率（消息）", "%"),
    ("reply_3m_rate_round", "3 分钟人工回复率（轮次）", "%"),
    ("dissatisfied_rate", "不满意率", "%"),
    ("received_sessions", "人工已接待会话量", "n"),
    ("enquiry_users", "询单人数", "n"),
    ("paid_users", "支付人数", "n"),
)


def platform_days(window: Window) -> dict[str, dict[str, float]]:
    """Return day → metric → the platform's figure of the shop."""
    days: dict[str, dict[str, float]] = {}
    for level, _, from_on, to_on, metric, value in window.service:
        if level == "shop" and from_on == to_on:
            days.setdefault(from_on, {})[metric] = value
    return days


def reconcile(window: Window, calibrated: dict[str, Any]) -> list[Comparison]:
    """Return one line for each figure that the platform's files have, with the likely reason of a difference."""
    days = platform_days(window)
    if not days:
        return []
    sums, facts = window.sums(), _facts(window, days)
    ours: dict[str, float | None] = {
        "avg_response_s": sums.average_s,
        "first_response_s": _first_response(window),
        "reply_3m_rate_session": Ratio(sums.first_3m_n, sums.first_n).value,
        "reply_3m_rate_msg": Ratio(sums.asks_3m_n, sums.asks_n).value,
        "reply_3m_rate_round": Ratio(sums.within(180), sums.turns_n).value,
        "dissatisfied_rate": rating_ratio(window, lambda stars: stars <= 3).value,
        "received_sessions": float(len(window.human_sessions)),
        "enquiry_users": float(sum(s.is_enquiry for s in window.sessions)),
        "paid_users": float(len(window.bought)),
    }
    result = []
    for metric, name_zh, unit in METRICS:
        value = _total(days, metric) if unit == "n" else service_value(window, metric)
        if value is not None:
            mine = ours[metric] if window.sessions else None
            result.append(compare(metric, name_zh, unit, value, mine, facts))
    return result


def _first_response(window: Window) -> float | None:
    found = [s.first_response_ms for s in window.human_sessions if s.first_response_ms is not None]
    return sum(found) / len(found) / 1000 if found else None


def _total(days: dict[str, dict[str, float]], metric: str) -> float | None:
    values = [day[metric] for day in days.values() if metric in day]
    return sum(values) if values else None


def _facts(window: Window, days: dict[str, dict[str, float]]) -> Facts:
    theirs = _total(days, "received_sessions")
    missed = [t for t in window.turns if t[11] and t[5] is None]
    return Facts(
        coverage=len(window.human_sessions) / theirs if theirs else None,
        missed=len(missed),
        closing_missed=sum(t[10] for t in missed),
        late=sum(1 for t in window.turns if t[5] is not None and t[6] > 600_000),
        perfunctory=sum(s.perfunctory_n for s in window.sessions),
        robot_sessions=sum(1 for s in window.human_sessions if s.robot_n),
        turns=window.sums().turns_n,
    )
