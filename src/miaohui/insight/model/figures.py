"""Figures as people may trust them: value, what it is made of, sample, interval, definition, evidence. Pure.

Source: spec §6.3 (numerator, denominator, definition version, sample size, interval, the conversations behind).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from miaohui.insight.model.statistics import Ratio
from miaohui.kit.money import yuan_text


@dataclass(frozen=True)
class Figure:
    """One figure. `unit`: %, s, h, fen or n. `evidence`: key of the list behind it.

    `target` and `better` ('high' or 'low') say whether it is good; `before`: the same figure a span earlier.
    """

    code: str
    name_zh: str
    unit: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    min_n: int = 30
    definition_zh: str = ""
    target: float | None = None
    better: str = "high"
    evidence: str = ""
    note_zh: str = ""
    before: float | None = None
    series: tuple[float | None, ...] = ()
    platform_value: float | None = None

    @property
    def is_small(self) -> bool:
        """Whether the sample is too small to judge: shown grey (domain.md §2.6)."""
        return self.value is None or self.n < self.min_n

    @property
    def verdict(self) -> str:
        """'good', 'bad', 'near' (the interval holds the target) or '' without target or sample."""
        if self.value is None or self.target is None or self.is_small:
            return ""
        if self.low is not None and self.high is not None and self.low <= self.target <= self.high:
            return "near"
        good = self.value >= self.target if self.better == "high" else self.value <= self.target
        return "good" if good else "bad"

    @property
    def text_zh(self) -> str:
        return shown(self.value, self.unit)


def shown(value: float | None, unit: str) -> str:
    """Return a value as people read it."""
    if value is None:
        return "—"
    if unit == "%":
        return f"{value * 100:.1f}%"
    if unit == "s":
        return f"{value:.1f} 秒"
    if unit == "h":
        return f"{value:.1f} 小时"
    if unit == "fen":
        return yuan_text(round(value)).removesuffix(".00")
    return f"{value:,.0f}"


def ratio_figure(code: str, name_zh: str, ratio: Ratio, **rest: Any) -> Figure:
    """Return a rate as a figure with its Wilson interval."""
    low, high = ratio.interval or (None, None)
    return Figure(
        code,
        name_zh,
        "%",
        ratio.value,
        ratio.numerator,
        ratio.denominator,
        low,
        high,
        ratio.denominator,
        **rest,
    )


def about_yuan(fen: int) -> str:
    """Return an estimate as an estimate: two or three figures, no cents."""
    yuan = fen / 100
    return f"约 {yuan / 10_000:.1f} 万元" if yuan >= 10_000 else f"约 {round(yuan, -1):,.0f} 元"


@dataclass
class Evidence:
    """The list behind a figure: at most `KEPT` rows are shown, `total` says how many there are."""

    key: str
    title_zh: str
    columns_zh: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    total: int = 0


KEPT = 30
