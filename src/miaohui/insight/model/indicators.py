"""The five indicators of every day, and the platform's own under the definition in force. Pure.

Source: spec §6.1 (targets), §6.3, §6.5; domain.md §2.1, §2.3, §2.4, §2.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from miaohui.insight.model.aftersales import is_on_time, review_ms
from miaohui.insight.model.definitions import Definition, all_in_force
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.figures import Figure, ratio_figure
from miaohui.insight.model.rollup import Sums
from miaohui.insight.model.statistics import MIN_RATINGS, MIN_TURNS, Ratio
from miaohui.insight.model.values import DAY_MS, day_start_ms, local_day
from miaohui.insight.model.window import SessionRow, Window

TARGETS = {
    "consult_conversion": 0.65, "avg_response_s": 45.0, "first_contact_resolution": 0.85, "bad_review_success": 0.70,
    "positive_rating": 0.95,
}  # fmt: skip
FCR_DAYS = 3


def conversion_ratio(window: Window, sessions: list[SessionRow] | None = None) -> Ratio:
    """Return paid enquiry buyers ÷ enquiry buyers: a buyer counts once, however often they asked."""
    asked: dict[str, bool] = {}
    for session in sessions if sessions is not None else window.sessions:
        if session.is_enquiry:
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
        if session.buyer:
            by_buyer.setdefault(session.buyer, []).append(session)
    sale_orders: dict[str, list[int]] = {}
    for sale in window.sales:
        sale_orders.setdefault(sale.order_id, []).append(sale.applied_ms)
    named: dict[str, list[str]] = {}
    for order_id, session_ids in window.links.items():
        for session_id in session_ids:
            named.setdefault(session_id, []).append(order_id)
    judged, failed = 0, []
    for session in window.human_sessions:
        if not session.buyer or session.started_ms >= limit or not session.buyer_n:
            continue
        judged += 1
        until = session.ended_ms + FCR_DAYS * DAY_MS
        again = any(
            other.intent == session.intent and session.ended_ms < other.started_ms <= until
            for other in by_buyer[session.buyer]
        )
        opened = any(
            session.ended_ms < at <= until
            for order_id in named.get(session.session_id, ())
            for at in sale_orders.get(order_id, ())
        )
        if again or opened:
            failed.append(session)
    return Ratio(judged - len(failed), judged), failed


def rating_ratio(window: Window, good: Callable[[int], bool], scoped: bool = False) -> Ratio:
    """Return rated sessions that are `good` ÷ rated sessions with a person."""
    rated = [
        s for s in window.human_sessions
        if s.rating is not None and (not scoped or (s.scoped and window.is_assessed(local_day(s.started_ms))))
    ]  # fmt: skip
    return Ratio(sum(1 for s in rated if good(s.rating or 0)), len(rated))


def response_figure(code: str, name_zh: str, sums: Sums, **rest: object) -> Figure:
    """Return an average response with its interval."""
    average, half = sums.average_s, sums.half_width_s
    low = None if average is None or half is None else max(0.0, average - half)
    high = None if average is None or half is None else average + half
    return Figure(
        code, name_zh, "s", average, sums.sum_ms / 1000, sums.turns_n, low, high, sums.turns_n, MIN_TURNS, better="low",
        **rest,
    )  # type: ignore[arg-type]  # fmt: skip


def five_indicators(
    window: Window, before: Window | None, book: EvidenceBook, targets: dict[str, float]
) -> list[Figure]:
    """Return the five indicators of spec §6.1 with targets, yesterday's week beside them, and evidence."""
    goals = {**TARGETS, **targets}
    lost = [s for s in window.sessions if s.is_enquiry and s.session_id not in window.bought]
    unresolved = resolution(window)[1]
    bad = [r for r in window.reviews if r.is_bad]
    unhappy = [s for s in window.human_sessions if s.rating is not None and s.rating <= 3]
    slow = [t for t in window.turns if t[11] and t[6] > goals["avg_response_s"] * 1000]
    keys = {
        "consult_conversion": book.sessions("conv_lost", "询单没有成交的会话", lost),
        "avg_response_s": book.turns("slow_turns", f"超过 {goals['avg_response_s']:.0f} 秒或未回复的轮次", slow),
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


# ---- the platform's indicators


def platform_indicators(window: Window, book: EvidenceBook) -> list[Figure]:
    """Return the platform's indicators under the definitions in force at the end of the span.

    Rounds were counted day by day under that day's version; a change inside the span is said in the note.
    """
    result = []
    for definition in all_in_force(window.platform, window.to_on, window.definitions):
        figure = _MEASURES[definition.measure](window, definition, book)
        first = [
            d for d in all_in_force(window.platform, window.from_on, window.definitions) if d.code == definition.code
        ]
        note = figure.note_zh
        if first and first[0].version != definition.version:
            note = f"期间口径由 {first[0].version} 版换成 {definition.version} 版，按当天版本分别计算；{note}".rstrip("；")
        exempt = [e for e in window.exemptions if e.platform == window.platform and e.from_on <= window.to_on and e.to_on >= window.from_on]  # noqa: E501
        if exempt:
            note = f"{note}；已剔除豁免期 {exempt[0].from_on}—{exempt[0].to_on}（{exempt[0].reason_zh}）".lstrip("；")
        result.append(
            replace(
                figure, definition_zh=f"{definition.label_zh}：{definition.formula_zh}", min_n=definition.min_sample,
                better=definition.better, target=definition.params.get("reference"), note_zh=note,
                platform_value=service_value(window, definition.code),
            )
        )  # fmt: skip
    return result


def service_value(window: Window, code: str) -> float | None:
    """Return the platform's own figure for the span, weighted by sessions over the days; None where it has none."""
    days: dict[str, dict[str, float]] = {}
    for level, _, from_on, to_on, metric, value in window.service:
        if level == "shop" and from_on == to_on:
            days.setdefault(from_on, {})[metric] = value
    pairs = [(d[code], d.get("received_sessions") or d.get("received_users") or 1.0) for d in days.values() if code in d]
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total else None


def _average(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    missed = [t for t in window.turns if t[11] and t[5] is None]
    key = book.turns("missed", "未回复、按 600 秒计的轮次", missed)
    note = f"其中漏回 {sums.missed_n} 轮" if sums.missed_n else ""
    return response_figure(definition.code, definition.name_zh, sums, evidence=key, note_zh=note)


def _msg(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(definition.code, definition.name_zh, Ratio(sums.asks_3m_n, sums.asks_n), evidence="missed")


def _session(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(definition.code, definition.name_zh, Ratio(sums.first_3m_n, sums.first_n), evidence="missed")


def _round(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(definition.code, definition.name_zh, Ratio(sums.within(180), sums.turns_n), evidence="missed")


def _first_30s(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(definition.code, definition.name_zh, Ratio(sums.first_30s_n, sums.first_n))


def _dissatisfied(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    bad = frozenset(definition.params.get("bad_stars", (1, 2, 3)))
    ratio = rating_ratio(window, lambda stars: stars in bad, scoped=True)
    note = "有评价会话数 ≤ 3，平台固定给 80 分" if ratio.denominator <= definition.params.get("protected_ratings", 0) else ""
    return ratio_figure(definition.code, definition.name_zh, ratio, evidence="unhappy", note_zh=note)


def _satisfied(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    return ratio_figure(definition.code, definition.name_zh, rating_ratio(window, lambda stars: stars >= 4))


def _review(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    night = int(definition.params.get("night_from", 23)), int(definition.params.get("night_to", 8))
    found = [(s, ms) for s in window.sales if s.is_refunded and (ms := review_ms(s, *night)) is not None]
    key = book.sales("slow_reviews", "审核最慢的售后单", [s for s, ms in found if ms > 12 * 3_600_000])
    if not found:
        return Figure(definition.code, definition.name_zh, "h", None)
    hours = [ms / 3_600_000 for _, ms in found]
    mean, n = sum(hours) / len(hours), len(hours)
    half = 1.96 * (sum((h - mean) ** 2 for h in hours) / n / n) ** 0.5
    return Figure(definition.code, definition.name_zh, "h", mean, sum(hours), n, max(0.0, mean - half), mean + half, n,
                  evidence=key)  # fmt: skip


def _on_time(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    judged = [(s, ok) for s in window.sales if (ok := is_on_time(s)) is not None]
    late = book.sales("late_sales", "超过自动处理截止时间的售后单", [s for s, ok in judged if not ok])
    return ratio_figure(definition.code, definition.name_zh, Ratio(sum(ok for _, ok in judged), len(judged)), evidence=late)


def _help(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    """Escalated orders ÷ orders that asked the shop; arbitration is what the files show of an escalation."""
    escalated = {s.order_id for s in window.sales if s.has_arbitration}
    named = {o for o, sessions in window.links.items() if sessions}
    asked = {s.order_id for s in window.sales} | named
    if definition.measure == "help_per_order":
        asked = {o.order_id for o in window.paid_orders}
    key = book.sales("arbitrated", "平台介入的售后单", [s for s in window.sales if s.has_arbitration])
    note = "求助订单 ≤ 3，平台固定给 80 分" if len(escalated) <= definition.params.get("protected_orders", 0) else ""
    note = f"{note}；文件里只看得到仲裁，咨询平台客服与投诉要看后台".lstrip("；")
    return ratio_figure(definition.code, definition.name_zh, Ratio(len(escalated & asked), len(asked)), evidence=key, note_zh=note)


_MEASURES: dict[str, Callable[[Window, Definition, EvidenceBook], Figure]] = {
    "average_response": _average, "reply_3m_msg": _msg, "reply_3m_session": _session, "reply_3m_round": _round,
    "first_30s": _first_30s, "dissatisfied": _dissatisfied, "satisfied_resolved": _satisfied, "aftersale_review": _review,
    "aftersale_on_time": _on_time, "help_per_help": _help, "help_per_order": _help,
}  # fmt: skip
MEASURES = frozenset(_MEASURES)


def day_index(window: Window, at_ms: int) -> int:
    """Return which day of the window a moment lies in."""
    return (at_ms - day_start_ms(window.from_on)) // DAY_MS
