"""How many conversations begin when: the article's curve in local time, live pulses, promotions. Pure.

Source: spec §2.3 (shares of consultations by period), §2.4 (guard window around a live session), §5.4 of
domain.md (first day: the article's curve as prior).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from random import Random

SHANGHAI = timezone(timedelta(hours=8))
# Local periods and their share of a day's consultations (spec §2.3); the other hours share the rest evenly.
PERIODS = ((9, 12, 0.18), (12, 14, 0.25), (20, 24, 0.32))
REST_SHARE = 1.0 - sum(share for _, _, share in PERIODS)
REST_HOURS = 24 - sum(end - start for start, end, _ in PERIODS)
DAILY = {"ordinary-day": 700, "live-evening": 1_000, "promotion": 2_200}
SCENARIOS = tuple(DAILY)
# A newcomer sees something at once: a few conversations in the first minute, and never fewer than these an hour.
FIRST_AT_S = (0.5, 4.0, 9.0, 16.0, 26.0, 40.0)
FLOOR_PER_HOUR = 75.0
LIVE_FACTOR = 1.6
PULSE_EVERY_S, PULSE_LASTS_S, PULSE_FACTOR = 900.0, 300.0, 2.0
GUARD_BEFORE, GUARD_AFTER = timedelta(minutes=30), timedelta(hours=1)


@dataclass(frozen=True)
class LiveWindow:
    """A live session, planned or on. Aware UTC."""

    start: datetime
    end: datetime

    def is_on(self, at: datetime) -> bool:
        """Tell whether the session is on."""
        return self.start <= at < self.end

    def is_guarded(self, at: datetime) -> bool:
        """Tell whether `at` lies in the guard window 特护时段: 30 min before to 1 h after (spec §2.4)."""
        return self.start - GUARD_BEFORE <= at < self.end + GUARD_AFTER


def share_per_hour(hour: int) -> float:
    """Return which share of a day's conversations begins in this local hour (spec §2.3)."""
    for start, end, share in PERIODS:
        if start <= hour < end:
            return share / (end - start)
    return REST_SHARE / REST_HOURS


def live_window(now: datetime) -> LiveWindow:
    """Return tonight's session: 20:00–23:00 local; whoever starts later in the evening finds one that is on."""
    local = now.astimezone(SHANGHAI)
    start = datetime.combine(local.date(), time(20), SHANGHAI)
    end = start + timedelta(hours=3)
    if local.hour < 2:
        start, end = start - timedelta(days=1), end - timedelta(days=1)
    return LiveWindow(start, max(end, local + timedelta(hours=1)) if local >= start else end)


@dataclass(frozen=True)
class Demand:
    """A scenario's demand. `speed` multiplies the demand clock: its hours pass faster and so do arrivals."""

    scenario: str
    started_at: datetime
    live: LiveWindow
    speed: float = 1.0

    def demand_time(self, elapsed_s: float) -> datetime:
        """Return the time of the demand clock after `elapsed_s` real seconds."""
        return self.started_at + timedelta(seconds=elapsed_s * self.speed)

    def per_hour(self, elapsed_s: float) -> float:
        """Return how many conversations begin in a real hour at this moment, the floor included."""
        at = self.demand_time(elapsed_s)
        rate = DAILY[self.scenario] * share_per_hour(at.astimezone(SHANGHAI).hour)
        if self.scenario == "live-evening" and self.live.is_on(at):
            rate *= LIVE_FACTOR * (1 + PULSE_FACTOR * _pulse(at - self.live.start))
        return max(rate, FLOOR_PER_HOUR) * self.speed

    def is_live(self, elapsed_s: float) -> bool:
        """Tell whether the live session is on, on the demand clock."""
        return self.scenario == "live-evening" and self.live.is_on(self.demand_time(elapsed_s))

    def arrivals(self, rng: Random) -> Iterator[float]:
        """Yield the real seconds since the start at which conversations begin, for ever, in order.

        A Poisson process by thinning: drawn at the largest rate there is, kept in proportion to the rate then.
        """
        peak = max(DAILY[self.scenario] * max(map(share_per_hour, range(24))), FLOOR_PER_HOUR)
        peak *= LIVE_FACTOR * (1 + PULSE_FACTOR) * self.speed
        first = list(FIRST_AT_S)
        at = 0.0
        while True:
            at += rng.expovariate(peak / 3600.0)
            while first and first[0] <= at:
                yield first.pop(0)
            if rng.random() * peak < self.per_hour(at):
                yield at


def _pulse(since_start: timedelta) -> float:
    """Return 0–1: how strong the rush after the explanation of a product is, every quarter of an hour."""
    into_s = since_start.total_seconds() % PULSE_EVERY_S
    return math.exp(-3.0 * into_s / PULSE_LASTS_S) if into_s < PULSE_LASTS_S else 0.0
