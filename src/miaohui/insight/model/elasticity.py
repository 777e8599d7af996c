"""What a faster answer is worth in this shop: the effect of response time on conversion, with its uncertainty. Pure.

Sessions are compared only with sessions of the same hour, product and intent. The article's 1.2 % per 10 s is the
stated prior and is replaced only by an estimate that can tell. Source: spec §2.2; issue "files in", elasticity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from miaohui.insight.model.statistics import Slope, within_slope

PRIOR_RATIO_PER_10S = 0.012
MIN_SESSIONS = 300
MIN_CONVERTED = 50
CAP_S = 180.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """One enquiry: the average response it got, whether it ended in a paid order, and what it is compared within."""

    response_s: float
    converted: bool
    hour: int
    product: str
    intent: str


@dataclass(frozen=True)
class Elasticity:
    """The effect of 10 s faster, as a share of the conversion rate (0.012 = +1.2 %).

    `low`–`high`: 95 %. `own` None or `can_tell` False: the prior is in force, and `warning_zh` says why.
    """

    own: float | None
    low: float | None
    high: float | None
    n: int
    strata: int
    conversion: float | None
    can_tell: bool
    warning_zh: str

    @property
    def in_force(self) -> float:
        """The figure that the what-if uses."""
        return self.own if self.can_tell and self.own is not None else PRIOR_RATIO_PER_10S


def hour_band(hour: int) -> str:
    """Return the band of local hours within which sessions are compared (spec §2.3)."""
    for first, last, name in ((9, 12, "上午"), (12, 14, "午间"), (14, 20, "下午"), (20, 24, "晚间")):
        if first <= hour < last:
            return name
    return "夜间"


def estimate(exposures: Iterable[Exposure]) -> Elasticity:
    """Return the shop's own effect, or the prior with a plain warning.

    Response times are capped at 180 s: beyond, buyers have left, and more waiting changes nothing.
    """
    strata: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    n = converted = 0
    for e in exposures:
        n += 1
        converted += e.converted
        x = min(e.response_s, CAP_S) / 10
        strata.setdefault((hour_band(e.hour), e.product, e.intent), []).append((x, float(e.converted)))
    rate = converted / n if n else None
    if n < MIN_SESSIONS or converted < MIN_CONVERTED or not rate:
        text = f"样本太少（{n} 个询单、{converted} 个成交），还看不出本店的规律；暂用文章给出的 1.2%/10 秒"
        return Elasticity(None, None, None, n, 0, rate, False, text)
    slope = within_slope(list(strata.values()))
    if slope is None:
        return Elasticity(
            None, None, None, n, 0, rate, False,
            "同一时段、商品、问题之内回复快慢没有差别，数据无法说明；暂用文章给出的 1.2%/10 秒",
        )  # fmt: skip
    return _judged(slope, rate, n)


def _judged(slope: Slope, rate: float, n: int) -> Elasticity:
    low, high = (-edge / rate for edge in reversed(slope.interval))
    own = -slope.value / rate
    if low > 0:
        warning = "在同时段、同商品、同类问题的会话之间比较得出；这是相关，不等于保证，改进后请看前后对比"
        return Elasticity(own, low, high, n, slope.strata, rate, True, warning)
    if high < 0:
        warning = "数据显示慢反而转化高：多半是认真咨询的买家聊得久，说明还有没控制住的因素；不采用，暂用 1.2%/10 秒"
    else:
        warning = "区间跨过 0：现有数据分不清快慢有没有影响；暂用文章给出的 1.2%/10 秒"
    return Elasticity(own, low, high, n, slope.strata, rate, False, warning)
