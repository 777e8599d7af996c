"""Finding what the platform leaves open by the shop's own platform figures. Pure.

Each choice of rules gives a daily average; the one that fits the platform's figures best wins, and what is left over
is shown. Choices that fit equally well are named: then the data cannot tell. Source: domain.md §10, §9.1.
"""

# ruff: noqa: E501
from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from miaohui.insight.model.rounds import RoundRules

TIE_S = 0.05


def candidates() -> list[RoundRules]:
    """Return every combination of the open choices."""
    return [
        RoundRules(anchor, first, closing, late, perfunctory)  # type: ignore[arg-type]
        for anchor, first, closing, late, perfunctory in itertools.product(
            ("first", "last"), ("handover", "buyer"), ("counts", "exempt"), ("actual", "capped"),
            ("ignored", "closes"),
        )
    ]  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """How well one choice fits. Units: seconds. `worst_day`: the day it is furthest off."""

    rules: RoundRules
    mean_error_s: float
    bias_s: float
    worst_day: str
    worst_error_s: float
    days: int


def fit(rules: RoundRules, ours: Mapping[str, float], platform: Mapping[str, float]) -> Fit | None:
    """Return the fit of daily averages to the platform's, over the days that both have."""
    days = sorted(set(ours) & set(platform))
    if not days:
        return None
    errors = {day: ours[day] - platform[day] for day in days}
    worst = max(days, key=lambda day: abs(errors[day]))
    return Fit(
        rules, sum(abs(e) for e in errors.values()) / len(days), sum(errors.values()) / len(days), worst,
        errors[worst], len(days),
    )  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """The result: the best choice, the error before (with the default rules) and after, and equal rivals."""

    best: Fit
    default: Fit
    ties: tuple[Fit, ...]

    @property
    def undecided(self) -> list[str]:
        """The open questions that these days cannot answer."""
        result = []
        for name in ("anchor", "first_round", "closing", "late", "perfunctory"):
            if len({getattr(f.rules, name) for f in (self.best, *self.ties)}) > 1:
                result.append(name)
        return result


CHOICE_NAMES_ZH = {
    "anchor": "轮次从首条还是末条买家消息起算", "first_round": "首轮从买家发言还是转入人工起算", "closing": "“好的谢谢”收尾是否计轮",
    "late": "超过 600 秒的回复按实际还是封顶", "perfunctory": "敷衍回复算不算回复",
}  # fmt: skip
VALUE_NAMES_ZH = {
    ("anchor", "first"): "首条", ("anchor", "last"): "末条", ("first_round", "handover"): "转入人工",
    ("first_round", "buyer"): "买家发言", ("closing", "counts"): "计轮", ("closing", "exempt"): "豁免",
    ("late", "actual"): "按实际", ("late", "capped"): "封顶 600 秒", ("perfunctory", "ignored"): "不算",
    ("perfunctory", "closes"): "算",
}  # fmt: skip


def best_fit(
    by_rules: Mapping[RoundRules, Mapping[str, float]], platform: Mapping[str, float], default: RoundRules
) -> Calibration | None:
    """Return the calibration over all candidates; None without a common day."""
    fits = [f for rules, ours in by_rules.items() if (f := fit(rules, ours, platform)) is not None]
    base = next((f for f in fits if f.rules == default), None)
    if not fits or base is None:
        return None
    fits.sort(key=lambda f: (round(f.mean_error_s, 6), f.rules != default, f.rules.code()))
    best = fits[0]
    ties = tuple(f for f in fits[1:] if f.mean_error_s - best.mean_error_s <= TIE_S)
    return Calibration(best, base, ties)
