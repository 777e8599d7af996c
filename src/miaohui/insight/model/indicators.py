"""The five indicators of every day, and the platform's own under the definition in force. Pure.

Source: spec §6.1 (targets), §6.3, §6.5; domain.md §2.1, §2.3, §2.4, §2.6.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.figures import Figure, ratio_figure
from miaohui.insight.model.rollup import Sums
from miaohui.insight.model.statistics import MIN_RATINGS, MIN_TURNS, Ratio
from miaohui.insight.model.values import DAY_MS, local_day
from miaohui.insight.model.window import SessionRow, Window

TARGETS = {
    "consult_conversion": 0.65, "avg_response_s": 45.0, "first_contact_resolution": 0.85, "bad_review_success": 0.70,
    "positive_rating": 0.95,
}  # fmt: skip
FCR_DAYS = 3


def conversion_ratio(window: Window, sessions: list[SessionRow] | None = None) -> Ratio:
    """Return paid enquiry buyers ÷ enquiry buyers: a buyer counts once, however often they asked.

    Days that no order file covers are left out: an order that was not imported is not a lost one.
    """
    asked: dict[str, bool] = {}
    for session in sessions if sessions is not None else window.sessions:
        if session.is_enquiry and window.has_orders_for(session):
            key = session.buyer or session.session_id
            asked[key] = asked.get(key, False) or session.session_id in window.bought
    return Ratio(sum(asked.values()), len(asked))


def resolution(window: Window) -> tuple[Ratio, list[SessionRow]]:
    """Return first-contact resolution and the sessions that were not: asked again within three days.

    The same buyer about the same thing, or an after-sale on the order they named. Sessions of the last three days
    cannot be judged yet and are left out. Source: domain.md §2.6 (FCR).
    """
    limit = window.to_ms - FCR_DAYS * DAY_MS
    by_buyer: dict[str, list[SessionRow]] = {}
    for session in window.human_sessions:
        by_buyer.setdefault(session.buyer, []).append(session)
    opened = _after_sales_by_session(window)
    judged = [s for s in window.human_sessions if s.buyer and s.buyer_n and s.started_ms < limit]
    failed = [s for s in judged if _came_back(s, by_buyer[s.buyer], opened.get(s.session_id, ()))]
    return Ratio(len(judged) - len(failed), len(judged)), failed


def _after_sales_by_session(window: Window) -> dict[str, list[int]]:
    """Return session → when after-sales were opened on the orders that it named."""
    applied: dict[str, list[int]] = {}
    for sale in window.sales:
        applied.setdefault(sale.order_id, []).append(sale.applied_ms)
    result: dict[str, list[int]] = {}
    for order_id, session_ids in window.links.items():
        for session_id in session_ids:
            result.setdefault(session_id, []).extend(applied.get(order_id, ()))
    return result


def _came_back(session: SessionRow, of_buyer: list[SessionRow], opened: Sequence[int]) -> bool:
    until = session.ended_ms + FCR_DAYS * DAY_MS
    again = any(o.intent == session.intent and session.ended_ms < o.started_ms <= until for o in of_buyer)
    return again or any(session.ended_ms < at <= until for at in opened)


def rating_ratio(window: Window, good: Callable[[int], bool], scoped: bool = False) -> Ratio:
    """Return rated sessions that are `good` ÷ rated sessions with a person."""
    rated = [
        s for s in window.human_sessions
        if s.rating is not None and (not scoped or (s.scoped and window.is_assessed(local_day(s.started_ms))))
    ]  # fmt: skip
    return Ratio(sum(1 for s in rated if good(s.rating or 0)), len(rated))


def response_figure(code: str, name_zh: str, sums: Sums, **rest: Any) -> Figure:
    """Return an average response with its interval."""
    average, half = sums.average_s, sums.half_width_s
    low = None if average is None or half is None else max(0.0, average - half)
    high = None if average is None or half is None else average + half
    return Figure(
        code, name_zh, "s", average, sums.sum_ms / 1000, sums.turns_n, low, high, sums.turns_n, MIN_TURNS, better="low",
        **rest,
    )  # fmt: skip


def five_indicators(
    window: Window, before: Window | None, book: EvidenceBook, targets: dict[str, float]
) -> list[Figure]:
    """Return the five indicators of spec §6.1 with targets, yesterday's week beside them, and evidence."""
    goals = {**TARGETS, **targets}
    lost = [
        s
        for s in window.sessions
        if s.is_enquiry and window.has_orders_for(s) and s.session_id not in window.bought
    ]
    unresolved = resolution(window)[1]
    bad = [r for r in window.reviews if r.is_bad]
    unhappy = [s for s in window.human_sessions if s.rating is not None and s.rating <= 3]
    slow = [t for t in window.turns if t[11] and t[6] > goals["avg_response_s"] * 1000]
    keys = {
        "consult_conversion": book.sessions("conv_lost", "询单没有成交的会话", lost),
        "avg_response_s": book.turns(
            "slow_turns", f"超过 {goals['avg_response_s']:.0f} 秒或未回复的轮次", slow
        ),
        "first_contact_resolution": book.sessions("fcr_failed", "三天内同一问题再次来问的会话", unresolved),
        "bad_review_success": book.reviews("bad_reviews", "1–2 星评价", bad),
        "positive_rating": book.sessions("unhappy", "评 1–3 星的会话", unhappy),
    }
    earlier = {f.code: f.value for f in _five(before)} if before is not None else {}
    return [
        replace(
            figure, target=goals[figure.code], evidence=keys[figure.code], before=earlier.get(figure.code),
            series=_series(window, figure.code),
        )
        for figure in _five(window)
    ]  # fmt: skip


def _five(window: Window) -> list[Figure]:
    solved = Ratio(
        sum(1 for r in window.reviews if r.is_bad and r.is_solved), sum(1 for r in window.reviews if r.is_bad)
    )
    return [
        ratio_figure("consult_conversion", "咨询转化率", conversion_ratio(window),
                     definition_zh=f"落实付款的询单人数 ÷ 询单人数；询单有效 {window.credit_rules.window_days} 天"),
        response_figure("avg_response_s", "平均响应时长", window.sums(), definition_zh="轮次加权；漏回按 600 秒；8:00–23:00 发起的人工会话"),
        ratio_figure("first_contact_resolution", "首次解决率", resolution(window)[0],
                     definition_zh="三天内同一买家没有就同一问题再来、也没有因此开售后"),
        ratio_figure("bad_review_success", "差评干预成功率", solved,
                     definition_zh="问题解决（买家确认、申诉成立或追评转好）的 1–2 星评价 ÷ 1–2 星评价；不以改评价为目标"),
        ratio_figure("positive_rating", "服务好评率", rating_ratio(window, lambda stars: stars >= 4), min_n=MIN_RATINGS,
                     definition_zh="4–5 星会话 ÷ 有评价的人工会话"),
    ]  # fmt: skip


def _series(window: Window, code: str) -> tuple[float | None, ...]:
    """Return the daily values of an indicator."""
    if code == "avg_response_s":
        return tuple(s.average_s if (s := window.by_day.get(day)) else None for day in window.days)
    by_day: dict[str, list[SessionRow]] = {day: [] for day in window.days}
    for session in window.human_sessions:
        by_day.setdefault(local_day(session.started_ms), []).append(session)
    result: list[float | None] = []
    for day in window.days:
        sessions = by_day[day]
        if code == "consult_conversion":
            result.append(conversion_ratio(window, sessions).value)
        elif code == "positive_rating":
            rated = [s.rating for s in sessions if s.rating is not None]
            result.append(sum(1 for stars in rated if stars >= 4) / len(rated) if rated else None)
        else:
            return ()
    return tuple(result)
