"""Demand follows the article's curve in local time, with a floor and live pulses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from random import Random

import pytest

from miaohui.app.sim.demand import (
    DAILY,
    FLOOR_PER_HOUR,
    SCENARIOS,
    SHANGHAI,
    Demand,
    LiveWindow,
    live_window,
    share_per_hour,
)

MIDNIGHT = datetime(2026, 11, 22, 0, tzinfo=SHANGHAI)


def demand(scenario: str = "ordinary-day", at: datetime = MIDNIGHT, speed: float = 1.0) -> Demand:
    return Demand(scenario, at, live_window(at), speed)


def test_the_shares_of_the_article_add_up() -> None:
    """Spec §2.3: 18 %, 25 %, 32 %, and 25 % for the other hours."""
    assert sum(share_per_hour(h) for h in range(9, 12)) == pytest.approx(0.18)
    assert sum(share_per_hour(h) for h in range(12, 14)) == pytest.approx(0.25)
    assert sum(share_per_hour(h) for h in range(20, 24)) == pytest.approx(0.32)
    assert sum(share_per_hour(h) for h in range(24)) == pytest.approx(1.0)


def test_a_day_of_arrivals_follows_the_curve() -> None:
    day = demand(speed=24.0)
    hours = [0] * 24
    for at in takewhile(lambda s: s < 3600, day.arrivals(Random(5))):
        hours[day.demand_time(at).astimezone(SHANGHAI).hour] += 1
    noon, night = sum(hours[12:14]), sum(hours[20:24])
    assert noon == pytest.approx(DAILY["ordinary-day"] * 0.25, rel=0.25)
    assert night == pytest.approx(4 * max(FLOOR_PER_HOUR, DAILY["ordinary-day"] * 0.08), rel=0.25)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("hour", [3, 10, 13, 21])
def test_a_newcomer_sees_something_within_five_seconds(scenario: str, hour: int) -> None:
    made = list(islice(demand(scenario, MIDNIGHT + timedelta(hours=hour)).arrivals(Random(1)), 10))
    assert made[0] < 2 and made[1] < 5
    assert made == sorted(made)


def test_the_floor_holds_at_night_and_speed_multiplies_everything() -> None:
    quiet = MIDNIGHT + timedelta(hours=4)
    assert demand(at=quiet).per_hour(0) == FLOOR_PER_HOUR
    assert demand(at=quiet, speed=3).per_hour(0) == FLOOR_PER_HOUR * 3
    assert demand(speed=60).demand_time(60) == MIDNIGHT + timedelta(hours=1)


def test_a_live_session_brings_pulses_that_die_away() -> None:
    """domain.md 5.4: within minutes of an explanation demand is a multiple."""
    start = MIDNIGHT + timedelta(hours=20)
    evening = demand("live-evening", start)
    before = demand("live-evening", start - timedelta(minutes=1)).per_hour(0)
    just, later = evening.per_hour(0), evening.per_hour(600)
    assert just > 2 * later > before
    assert evening.is_live(0) and not demand("ordinary-day", start).is_live(0)


@pytest.mark.parametrize(
    ("hour", "minute", "is_on"),
    [(9, 0, False), (19, 59, False), (20, 0, True), (23, 30, True), (1, 30, True), (2, 0, False)],
)
def test_tonights_session_is_on_for_whoever_starts_in_the_evening(
    hour: int, minute: int, is_on: bool
) -> None:
    now = MIDNIGHT + timedelta(hours=hour, minutes=minute)
    window = live_window(now)
    assert window.is_on(now) is is_on
    assert window.end > now


def test_the_guard_window_is_half_an_hour_before_to_an_hour_after() -> None:
    """Spec §2.4."""
    window = LiveWindow(datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 15, tzinfo=UTC))
    assert not window.is_guarded(window.start - timedelta(minutes=31))
    assert window.is_guarded(window.start - timedelta(minutes=30))
    assert window.is_guarded(window.end + timedelta(minutes=59))
    assert not window.is_guarded(window.end + timedelta(minutes=60))


def test_the_same_seed_gives_the_same_arrivals() -> None:
    assert list(islice(demand().arrivals(Random(7)), 50)) == list(islice(demand().arrivals(Random(7)), 50))
