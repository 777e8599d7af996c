"""What the rules read of orders and after-sales. Pure. Source: spec §6.2, domain.md §2.7, §3.3."""

# ruff: noqa: E501
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from miaohui.insight.model import breakdowns
from miaohui.insight.model.diagnosis.rules import Reading, Rule
from miaohui.insight.model.diagnosis.shared import TOP_SUBJECTS, is_sure, passes
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.statistics import Ratio
from miaohui.insight.model.values import local_hour
from miaohui.insight.model.window import OrderRow, Window
from miaohui.kit.money import yuan_text

LATE_SHIP_SHARE, LATE_SHIP_MIN_FEN, LATE_SHIP_MAX_FEN = 0.01, 200, 5000


def product_aftersales(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read the products whose after-sales repeat."""
    return _aftersale_rows(window, rule, breakdowns.products(window), book, _Limit("product", rule.threshold))


def creator_aftersales(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read the creators whose orders come back more often than the shop's."""
    ids = {s.order_id for s in window.sales}
    paid = window.paid_orders
    base = Ratio(sum(o.order_id in ids for o in paid), len(paid)).value
    if not base:
        return []
    return _aftersale_rows(
        window, rule, breakdowns.creators(window), book, _Limit("creator", base * rule.threshold, base)
    )


@dataclass(frozen=True)
class _Limit:
    """By which field orders are grouped, and the rate above which a group is told of."""

    field: str
    rate: float
    base: float | None = None


def _aftersale_rows(
    window: Window, rule: Rule, rows: list[breakdowns.OriginRow], book: EvidenceBook, limit: _Limit
) -> list[Reading]:
    found = []
    for row in rows:
        ratio = row.aftersales
        if ratio.denominator < rule.min_sample or (ratio.value or 0.0) <= limit.rate:
            continue
        orders = {o.order_id for o in window.paid_orders if getattr(o, limit.field) == row.name}
        sales = [s for s in window.sales if s.order_id in orders]
        key = book.sales(f"rule_{rule.code}_{row.name}", f"{row.name} 的售后单", sales)
        refunded = sum(s.refund_fen for s in sales if s.is_refunded)
        excess = max(0.0, 1 - limit.rate / (ratio.value or 1.0))
        text = f"{row.name}：{ratio.denominator} 单里 {ratio.numerator} 单售后（{ratio.value:.1%}），最多是 {row.top_reason}"
        if limit.base is not None:
            text += f"；全店 {limit.base:.1%}"
        money = round(refunded * excess)
        found.append(
            Reading(row.name, ratio.value or 0.0, ratio.numerator, ratio.denominator, limit.base or limit.rate, money,
                    f"已退 {yuan_text(refunded)} 中高出界线的部分", key, text, is_sure(ratio, limit.rate))
        )  # fmt: skip
    return sorted(found, key=lambda r: -r.money_fen)[:TOP_SUBJECTS]


def instant_refunds(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read which share of after-sales are instant refunds before shipping."""
    mine = [s for s in window.sales if s.instant]
    ratio = Ratio(len(mine), len(window.sales))
    if not passes(ratio, rule):
        return []
    fen = sum(s.refund_fen for s in mine)
    key = book.sales("rule_instant", "极速退款的售后单", mine)
    text = f"售后单里 {ratio.value:.1%} 是未发货极速退款（{len(mine)} 单）"
    return [Reading("", ratio.value or 0.0, ratio.numerator, ratio.denominator, rule.threshold, fen,
                    f"退掉 {yuan_text(fen)} 成交", key, text, is_sure(ratio, rule.threshold))]  # fmt: skip


def night_reviews(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read whether after-sales applied for at night wait longer, even by the platform's clock."""
    found = breakdowns.aftersale_summary(window)
    if found.night_count < rule.min_sample or not found.day_hours or not found.night_hours:
        return []
    times = found.night_hours / found.day_hours
    if times <= rule.threshold:
        return []
    night = [s for s in window.sales if local_hour(s.applied_ms) >= 23 or local_hour(s.applied_ms) < 8]
    key = book.sales("rule_night", "夜间申请的售后单", night)
    text = f"夜间申请的售后从 8:00 起算仍要 {found.night_hours:.1f} 小时，白天 {found.day_hours:.1f} 小时"
    return [
        Reading(
            "夜间",
            found.night_hours,
            found.night_hours,
            found.night_count,
            found.day_hours,
            0,
            "影响售后平均审核时长",
            key,
            text,
        )
    ]


def promises_missed(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read orders shipped after the promised time, or still not shipped; with the published compensation."""
    due = [o for o in window.paid_orders if o.promised_ms is not None and o.promised_ms < window.to_ms]
    late = [o for o in due if _is_late(o, window.to_ms)]
    ratio = Ratio(len(late), len(due))
    if not passes(ratio, rule):
        return []
    fen = sum(min(LATE_SHIP_MAX_FEN, max(LATE_SHIP_MIN_FEN, round(o.fen * LATE_SHIP_SHARE))) for o in late)
    top = Counter(o.product for o in late).most_common(1)[0]
    key = book.orders("rule_late", "超过承诺时间才发或还没发的订单", late)
    text = f"{len(due)} 单到期里 {len(late)} 单超时（{ratio.value:.1%}），最多是 {top[0]}（{top[1]} 单）"
    return [Reading(top[0], ratio.value or 0.0, ratio.numerator, ratio.denominator, rule.threshold, fen,
                    "按每单赔付实付 1%（2–50 元）", key, text, is_sure(ratio, rule.threshold))]  # fmt: skip


def _is_late(order: OrderRow, now_ms: int) -> bool:
    return (order.shipped_ms or now_ms) > (order.promised_ms or now_ms)
