"""Time and ids: immune to steps of the wall clock (reliability.md F8)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.kit import clock as clock_module
from miaohui.kit.clock import Anchor, ManualClock, SteadyClock, from_ms, to_ms
from miaohui.kit.ids import IdSource

HOURS_8 = 8 * 3600


class Machine:
    """A machine whose wall clock and boot clock the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_s, self.boot_s = 1_790_000_000.0, 5_000.0
        monkeypatch.setattr(time, "time_ns", lambda: int(self.wall_s * 1e9))
        monkeypatch.setattr(time, "time", lambda: self.wall_s)
        monkeypatch.setattr(clock_module, "boot_ns", lambda: int(self.boot_s * 1e9))
        monkeypatch.setattr(clock_module, "boot_id", lambda: "boot-1")

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.boot_s += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.mark.parametrize("step", [HOURS_8, -HOURS_8, 3, -3])
def test_a_step_of_the_wall_clock_does_not_move_ours(machine: Machine, step: int) -> None:
    clock = SteadyClock()
    before = clock.now()
    machine.wall_s += step
    machine.pass_s(1)
    assert clock.now() - before == timedelta(seconds=1)
    assert round(clock.skew_s()) == step


@pytest.mark.parametrize("step", [HOURS_8, -HOURS_8])
def test_a_restart_in_the_same_boot_keeps_the_anchor(machine: Machine, step: int) -> None:
    first = SteadyClock()
    before = first.now()
    machine.wall_s += step
    machine.pass_s(10)
    assert SteadyClock(first.anchor).now() - before == timedelta(seconds=10)


def test_a_restart_adopts_a_small_correction(machine: Machine) -> None:
    first = SteadyClock()
    machine.wall_s += 1.5
    assert SteadyClock(first.anchor).now() - first.now() == timedelta(seconds=1.5)


def test_after_a_reboot_the_wall_clock_counts(machine: Machine) -> None:
    old = Anchor("another-boot", 1, 1)
    assert SteadyClock(old).now() == from_ms(int(machine.wall_s * 1000))


@given(st.integers(0, 2**41).map(from_ms))
def test_milliseconds_survive_the_round_trip(at: datetime) -> None:
    assert from_ms(to_ms(at)) == at


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_ms(from_ms(0).replace(tzinfo=None))


@given(st.lists(st.integers(-HOURS_8, HOURS_8), min_size=1, max_size=40))
def test_ids_increase_over_every_step_of_the_clock(steps: list[int]) -> None:
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    ids = IdSource(clock, node=3)
    made = []
    for step in steps:
        clock.set(clock.now() + timedelta(seconds=step))
        made += [ids.next() for _ in range(3)]
    assert made == sorted(set(made))
    assert max(made) < 2**53


def test_nodes_never_give_the_same_id() -> None:
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    made = [IdSource(clock, node).next() for node in range(32) for _ in range(1)]
    assert len(set(made)) == 32
