"""What the measures share: thresholds, certainty, and money as an estimate with its arithmetic in words."""

from __future__ import annotations

from miaohui.insight.model.diagnosis.rules import Rule
from miaohui.insight.model.indicators import conversion_ratio
from miaohui.insight.model.statistics import Ratio
from miaohui.insight.model.window import SessionRow, Window
from miaohui.kit.money import yuan_text

TOP_SUBJECTS = 2


def passes(ratio: Ratio, rule: Rule) -> bool:
    return ratio.denominator >= rule.min_sample and (ratio.value or 0.0) > rule.threshold


def is_sure(ratio: Ratio, threshold: float) -> bool:
    return ratio.interval is not None and ratio.interval[0] > threshold


def lost_fen(window: Window, sessions: float) -> int:
    """Return what that many lost enquiries are worth: the shop's own conversion times its average order."""
    rate = conversion_ratio(window).value or 0.0
    return round(sessions * rate * window.average_order_fen)


def gap_money(window: Window, sessions: list[SessionRow]) -> tuple[int, str]:
    """Return what it would bring if these enquiries converted like the others."""
    inside = {s.session_id for s in sessions}
    mine = conversion_ratio(window, [s for s in sessions if s.is_enquiry])
    others = conversion_ratio(window, [s for s in window.sessions if s.session_id not in inside])
    gap = (others.value or 0.0) - (mine.value or 0.0)
    if not mine.denominator:
        return 0, "不在下单前，主要占用人力、带来售后"
    if gap <= 0:
        return 0, "转化不低于其他咨询，主要占用人力"
    fen = round(gap * mine.denominator * window.average_order_fen)
    return (
        fen,
        f"转化比其他询单低 {gap:.1%} × {mine.denominator} 人 × 客单 {yuan_text(window.average_order_fen)}",
    )
