"""The queue: who comes first, and how long it will take, from data. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, stdev

QUEUED, OFFLINE_MESSAGE, PLACED = "queued", "offline_message", "placed"
MIN_SAMPLES = 10
LOOK_BACK = timedelta(minutes=30)
MAX_SAMPLES = 50


@dataclass(frozen=True)
class Departure:
    """A chat that left the queue for an agent."""

    queued_at: datetime
    placed_at: datetime


@dataclass(frozen=True)
class Estimate:
    """How long a place in the queue will take, with the spread in which 8 of 10 fall.

    Units: seconds, None when the sample is too small. `sample_count` intervals were measured.
    """

    position: int
    sample_count: int
    expected_s: int | None = None
    low_s: int | None = None
    high_s: int | None = None

    @property
    def text_zh(self) -> str:
        if self.expected_s is None or self.low_s is None or self.high_s is None:
            return f"第 {self.position} 位，等待时间数据不足（n={self.sample_count}）"
        return (
            f"第 {self.position} 位，预计 {self.expected_s} 秒"
            f"（{self.low_s}–{self.high_s} 秒，n={self.sample_count}）"
        )


def rank_at(queued_at: datetime, head_start_s: int) -> datetime:
    """Return the time by which the queue is ordered: a head start moves a chat forward, never for ever."""
    return queued_at - timedelta(seconds=head_start_s)


def intervals_s(departures: Sequence[Departure]) -> list[float]:
    """Return the times between departures while somebody waited.

    An interval begins at the departure before, or when this chat came if that was later: a queue that stood
    empty does not look slow. Departures at the same instant are a jump of capacity (somebody came online),
    not the pace of the queue: they give no interval. Order: any; sorted here.
    """
    found: list[float] = []
    ordered = sorted(departures, key=lambda d: d.placed_at)
    for before, this in zip(ordered, ordered[1:], strict=False):
        begun = max(before.placed_at, this.queued_at)
        if this.placed_at > begun:
            found.append((this.placed_at - begun).total_seconds())
    return found


def estimate(position: int, departures: Sequence[Departure]) -> Estimate:
    """Return the expected wait at `position` (1 is next) from recent departures.

    `position` intervals are summed; the spread is ±1.28 standard deviations of that sum. Fewer than ten
    measured intervals give no number: 数据不足.
    """
    measured = intervals_s(departures)
    if len(measured) < MIN_SAMPLES:
        return Estimate(position, len(measured))
    mean = fmean(measured)
    spread = 1.28 * stdev(measured) * math.sqrt(position)
    expected = mean * position
    return Estimate(
        position, len(measured), round(expected), max(0, round(expected - spread)), round(expected + spread)
    )
