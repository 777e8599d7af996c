"""The platform's own indicators, under the definition in force on each day. Pure.

Source: domain.md §2.1 (抖店), §2.3 (others), §2.4 (three three-minute rates); spec §6.3.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from miaohui.insight.model.aftersales import is_on_time, review_ms
from miaohui.insight.model.definitions import Definition, all_in_force
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.figures import Figure, ratio_figure
from miaohui.insight.model.indicators import rating_ratio, response_figure
from miaohui.insight.model.statistics import Ratio
from miaohui.insight.model.window import Window


def platform_indicators(window: Window, book: EvidenceBook) -> list[Figure]:
    """Return the platform's indicators under the definitions in force at the end of the span.

    Rounds were counted day by day under that day's version; a change inside the span is said in the note.
    """
    result = []
    for definition in all_in_force(window.platform, window.to_on, window.definitions):
        figure = _MEASURES[definition.measure](window, definition, book)
        first = [
            d
            for d in all_in_force(window.platform, window.from_on, window.definitions)
            if d.code == definition.code
        ]
        note = figure.note_zh
        if first and first[0].version != definition.version:
            note = f"期间口径由 {first[0].version} 版换成 {definition.version} 版，按当天版本分别计算；{note}".rstrip(
                "；"
            )
        exempt = [
            e
            for e in window.exemptions
            if e.platform == window.platform and e.from_on <= window.to_on and e.to_on >= window.from_on
        ]
        if exempt:
            note = (
                f"{note}；已剔除豁免期 {exempt[0].from_on}—{exempt[0].to_on}（{exempt[0].reason_zh}）".lstrip(
                    "；"
                )
            )
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
    pairs = [
        (d[code], d.get("received_sessions") or d.get("received_users") or 1.0)
        for d in days.values()
        if code in d
    ]
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
    return ratio_figure(
        definition.code, definition.name_zh, Ratio(sums.asks_3m_n, sums.asks_n), evidence="missed"
    )


def _session(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(
        definition.code, definition.name_zh, Ratio(sums.first_3m_n, sums.first_n), evidence="missed"
    )


def _round(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(
        definition.code, definition.name_zh, Ratio(sums.within(180), sums.turns_n), evidence="missed"
    )


def _first_30s(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    sums = window.sums()
    return ratio_figure(definition.code, definition.name_zh, Ratio(sums.first_30s_n, sums.first_n))


def _dissatisfied(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    bad = frozenset(definition.params.get("bad_stars", (1, 2, 3)))
    ratio = rating_ratio(window, lambda stars: stars in bad, scoped=True)
    note = (
        "有评价会话数 ≤ 3，平台固定给 80 分"
        if ratio.denominator <= definition.params.get("protected_ratings", 0)
        else ""
    )
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
    return ratio_figure(
        definition.code, definition.name_zh, Ratio(sum(ok for _, ok in judged), len(judged)), evidence=late
    )


def _help(window: Window, definition: Definition, book: EvidenceBook) -> Figure:
    """Escalated orders ÷ orders that asked the shop; arbitration is what the files show of an escalation."""
    escalated = {s.order_id for s in window.sales if s.has_arbitration}
    named = {o for o, sessions in window.links.items() if sessions}
    asked = {s.order_id for s in window.sales} | named
    if definition.measure == "help_per_order":
        asked = {o.order_id for o in window.paid_orders}
    key = book.sales("arbitrated", "平台介入的售后单", [s for s in window.sales if s.has_arbitration])
    note = (
        "求助订单 ≤ 3，平台固定给 80 分"
        if len(escalated) <= definition.params.get("protected_orders", 0)
        else ""
    )
    note = f"{note}；文件里只看得到仲裁，咨询平台客服与投诉要看后台".lstrip("；")
    return ratio_figure(
        definition.code,
        definition.name_zh,
        Ratio(len(escalated & asked), len(asked)),
        evidence=key,
        note_zh=note,
    )


_MEASURES: dict[str, Callable[[Window, Definition, EvidenceBook], Figure]] = {
    "average_response": _average, "reply_3m_msg": _msg, "reply_3m_session": _session, "reply_3m_round": _round,
    "first_30s": _first_30s, "dissatisfied": _dissatisfied, "satisfied_resolved": _satisfied, "aftersale_review": _review,
    "aftersale_on_time": _on_time, "help_per_help": _help, "help_per_order": _help,
}  # fmt: skip
MEASURES = frozenset(_MEASURES)
