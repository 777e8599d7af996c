"""Token buckets: a burst, then the long run; bounded memory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.kit import pace
from miaohui.kit.clock import ManualClock
from miaohui.kit.errors import Refusal

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_burst_is_let_through_and_then_the_long_run_counts() -> None:
    clock = ManualClock(START)
    door = pace.Pace(clock, per_s=2.0, burst=3)
    assert [door.take("a") for _ in range(4)] == [True, True, True, False]
    assert door.take("b")
    clock.advance(0.5)
    assert [door.take("a"), door.take("a")] == [True, False]
    with pytest.raises(Refusal, match="too_many"):
        door.check("a")


def test_forgotten_keys_leave_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MAX_KEYS", 10)
    door = pace.Pace(ManualClock(START), per_s=1.0, burst=1)
    for n in range(100):
        door.take(f"k{n}")
    assert len(door._buckets) == 10


@given(st.lists(st.floats(0, 5), max_size=40))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    clock = ManualClock(START)
    door, taken, passed = pace.Pace(clock, per_s=1.0, burst=2), 0, 0.0
    for pause in pauses:
        clock.advance(pause)
        passed += pause
        taken += door.take("a")
    assert taken <= 2 + passed + 1e-6
