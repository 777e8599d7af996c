"""Intervals: no rate without its sample and its uncertainty. Pure, no libraries. Source: spec §6.3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, sqrt

Z95 = 1.959963984540054
MIN_RATINGS, MIN_TURNS, MIN_OTHER = 30, 100, 30


@dataclass(frozen=True)
class Ratio:
    """A rate as what it is made of. Shape: `low`–`high` is the 95 % Wilson interval; None without a sample."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.numerator, self.denominator) if self.denominator else None


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Raises: ValueError without trials or with more successes than trials.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}")
    p, z2 = successes / trials, z * z
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials))
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class Difference:
    """A difference with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def ratio_difference(after: Ratio, before: Ratio) -> Difference | None:
    """Return after − before with Newcombe's interval; None without both samples."""
    if not after.denominator or not before.denominator:
        return None
    a, b = after.value or 0.0, before.value or 0.0
    (al, ah), (bl, bh) = (
        wilson(after.numerator, after.denominator),
        wilson(before.numerator, before.denominator),
    )
    low = a - b - sqrt((a - al) ** 2 + (bh - b) ** 2)
    return Difference(a - b, low, a - b + sqrt((ah - a) ** 2 + (b - bl) ** 2))


def mean_difference(after: tuple[float, float, int], before: tuple[float, float, int]) -> Difference | None:
    """Return after − before of two means; each given as (mean, half width of its 95 % interval, n)."""
    if after[2] < 2 or before[2] < 2:
        return None
    half = sqrt(after[1] ** 2 + before[1] ** 2)
    value = after[0] - before[0]
    return Difference(value, value - half, value + half)


def p_value(z: float) -> float:
    """Return the two-sided probability of a standard normal beyond |z|."""
    return 1 - erf(abs(z) / sqrt(2))


@dataclass(frozen=True)
class Slope:
    """A regression slope within strata. `strata`: how many had anything to say."""

    value: float
    standard_error: float
    n: int
    strata: int

    @property
    def interval(self) -> tuple[float, float]:
        return self.value - Z95 * self.standard_error, self.value + Z95 * self.standard_error


def within_slope(strata: Sequence[Sequence[tuple[float, float]]]) -> Slope | None:
    """Return the slope of y on x within strata (fixed effects), with an error robust to clusters of a stratum.

    Every stratum is compared only with itself, so what differs between strata (hour, product, intent) cannot
    pretend to be an effect of x. None when x does not vary inside any stratum.
    """
    sxx = sxy = 0.0
    centred: list[list[tuple[float, float]]] = []
    n = 0
    for points in strata:
        if len(points) < 2:
            continue
        mx = sum(x for x, _ in points) / len(points)
        my = sum(y for _, y in points) / len(points)
        part = [(x - mx, y - my) for x, y in points]
        if not any(x for x, _ in part):
            continue
        centred.append(part)
        n += len(part)
        sxx += sum(x * x for x, _ in part)
        sxy += sum(x * y for x, y in part)
    if sxx <= 0 or len(centred) < 2 or n - len(centred) < 2:
        return None
    slope = sxy / sxx
    meat = sum(sum(x * (y - slope * x) for x, y in part) ** 2 for part in centred)
    groups = len(centred)
    correction = groups / (groups - 1) * (n - 1) / (n - groups)
    return Slope(slope, sqrt(meat * correction) / sxx, n, groups)
