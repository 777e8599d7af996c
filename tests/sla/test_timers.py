"""Clocks fire at their deadline: never early, never twice, none missed (issue 2; reliability.md F8, R11)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miaohui.kit import clock as clock_module
from miaohui.kit.clock import Anchor, SteadyClock, from_ms
from miaohui.kit.tx import Tx
from miaohui.sla import queries
from miaohui.sla.actions import fire_due
from miaohui.sla.actions.clocks import Wait, start_clock
from miaohui.sla.events import ClockBreached, ClockStarted, ClockStopped, ClockWarned
from miaohui.sla.jobs import next_due
from miaohui.sla.model.deadlines import Deadlines
from tests.sla.office import Office
from tests.world import NOON, SHOP_A, World


def test_a_clock_does_not_fire_a_millisecond_early(world: World) -> None:
    office = Office(world).open_shops()
    office.buyer_writes(1)
    for seconds, warned, breached in [(11.999, 0, 0), (0.001, 1, 0), (7.999, 1, 0), (0.001, 1, 1)]:
        world.clock.advance(seconds)
        office.run_timers()
        assert (len(office.of(ClockWarned)), len(office.of(ClockBreached))) == (warned, breached)


@pytest.mark.parametrize(
    ("now_ms", "warned", "popped", "breached", "next_ms"),
    [
        (99, None, None, None, 100),
        (100, 100, None, None, 200),
        (199, 199, None, None, 200),
        (200, 200, None, 200, 300),
        (300, 300, 300, 300, None),
    ],
)
def test_each_deadline_is_handled_when_it_has_come_and_not_before(now_ms, warned, popped, breached, next_ms):
    after = Deadlines(warn_ms=100, popup_ms=300, due_ms=200).handled(now_ms)
    assert (after.warned_ms, after.popped_ms, after.breached_ms, after.next_ms) == (
        warned, popped, breached, next_ms,
    )  # fmt: skip
    assert after.handled(now_ms) == after


def test_a_deadline_that_comes_soon_wakes_the_timers(world: World) -> None:
    """The loop looks once a second by itself; anything sooner rings."""
    office = Office(world).open_shops()
    rung: list[set[str]] = []

    def start(target_s: int, chat: int) -> None:
        from miaohui.shop import actions as shop_actions

        value = {
            "periods": [{"name_zh": "全天", "from": "00:00", "to": "24:00", "target_s": target_s}],
            "groups": {},
        }

        def write(tx: Tx) -> None:
            shop_actions.set_policy(tx, SHOP_A, "response_targets", value)
            tx.rings.clear()
            start_clock(tx, SHOP_A, chat, Wait(chat, tx.now, tx.now))
            rung.append(set(tx.rings))

        office.world.write(write)

    start(1, 1)
    start(60, 2)
    assert ["timers" in rings for rings in rung] == [True, False]


def test_after_a_long_stop_everything_that_was_missed_fires_once(world: World) -> None:
    office = Office(world).open_shops()
    for chat in range(50):
        office.buyer_writes(chat)
        world.clock.advance(0.1)
    world.clock.advance(6 * 3600)
    office.run_timers()
    office.run_timers()
    assert (len(office.of(ClockWarned)), len(office.of(ClockBreached))) == (50, 50)


def test_a_call_handles_at_most_300_clocks_and_the_earliest_first(world: World) -> None:
    office = Office(world).open_shops()

    def fill(tx: Tx) -> None:
        for n in range(310):
            start_clock(tx, SHOP_A, n, Wait(n, tx.now, tx.now + timedelta(milliseconds=n)))

    world.write(fill)
    world.clock.advance(19)
    assert (world.write(fire_due), world.write(fire_due), world.write(fire_due)) == (300, 10, 0)
    assert [e.conversation_id for e in office.of(ClockWarned)] == list(range(310))


def test_two_that_fire_at_once_fire_once(world: World) -> None:
    """Compare-and-set: the second sees another deadline than the one it read."""
    from miaohui.kit.clock import to_ms
    from miaohui.sla.store import FIRE

    office = Office(world).open_shops()
    office.buyer_writes(1)
    clock = world.read(lambda conn: queries.find_open_clock(conn, SHOP_A, 1))
    world.clock.advance(12)
    seen = to_ms(clock.next_at)
    values = (to_ms(world.clock.now()), None, None, to_ms(clock.due_at), clock.id, seen)
    assert world.write(lambda tx: (tx.run(FIRE, *values), tx.run(FIRE, *values))) == (1, 0)


def test_a_transaction_that_dies_has_fired_nothing(world: World) -> None:
    office = Office(world).open_shops()
    office.buyer_writes(1)
    world.clock.advance(30)

    class Killed(BaseException):
        pass

    def fire_and_die(tx: Tx) -> None:
        assert fire_due(tx) == 1
        raise Killed

    with pytest.raises(Killed):
        world.write(fire_and_die)
    office.events.clear()
    office.run_timers()
    assert (len(office.of(ClockWarned)), len(office.of(ClockBreached))) == (1, 1)


def test_restarts_on_the_same_file_neither_lose_nor_repeat_a_deadline(
    test_url: Callable[[Path], str], tmp_path: Path
) -> None:
    """A kill is a new world on the same database: only what was committed is there."""
    url, at = test_url(tmp_path), NOON
    fired: Counter[tuple[str, int]] = Counter()
    due: dict[int, datetime] = {}
    lateness: list[float] = []
    for life in range(8):
        world = World(url, at)
        office = Office(world)
        if life == 0:
            office.open_shops()
        office._message_id = 1000 * life
        for chat in range(life * 10, life * 10 + 10):
            office.buyer_writes(chat)
            office.pass_time(1.7)
        world.clock.advance(5.3)
        office.run_timers()
        due |= {event.clock_id: event.due_at for event in office.of(ClockStarted)}
        for event in (*office.of(ClockWarned), *office.of(ClockBreached)):
            fired[(type(event).__name__, event.clock_id)] += 1
            if isinstance(event, ClockBreached):
                lateness.append((event.at - due[event.clock_id]).total_seconds())
        at = world.clock.now()
        world.db.close()
    world = World(url, at + timedelta(hours=1))
    office = Office(world)
    office.run_timers()
    for event in (*office.of(ClockWarned), *office.of(ClockBreached)):
        fired[(type(event).__name__, event.clock_id)] += 1
    assert world.read(next_due) is None
    world.close()
    assert set(fired.values()) == {1}
    assert sum(1 for name, _ in fired if name == "ClockBreached") == len(due) == 80
    assert min(lateness) >= 0


steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 6)),
        st.tuples(st.just("answer"), st.integers(1, 6)),
        st.tuples(st.just("close"), st.integers(1, 6)),
        st.tuples(st.just("pass"), st.integers(1, 40_000)),
        st.tuples(st.just("stall"), st.integers(1, 200_000)),
    ),
    max_size=40,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps)
def test_in_any_order_of_events_each_clock_ends_once_and_fires_only_when_due(script) -> None:
    """Against a truth model: a breach if and only if the clock was open at its deadline and looked at."""
    world = World()
    office = Office(world).open_shops()
    try:
        for verb, value in script:
            _play(office, verb, value)
        world.clock.advance(3600)
        office.run_timers()
        _check(office)
    finally:
        world.close()


def _play(office: Office, verb: str, value: int) -> None:
    if verb == "write":
        office.buyer_writes(value)
    elif verb == "answer":
        office.agent_answers(value)
    elif verb == "close":
        office.close(value)
    elif verb == "pass":
        office.pass_time(value / 1000)
    else:  # the timers did not run for a while
        office.world.clock.advance(value / 1000)


def _check(office: Office) -> None:
    started = {e.clock_id: e for e in office.of(ClockStarted)}
    stopped = Counter(e.clock_id for e in office.of(ClockStopped))
    assert not stopped or max(stopped.values()) == 1
    for kind, deadline in ((ClockWarned, "warn_at"), (ClockBreached, "due_at")):
        fired = Counter(e.clock_id for e in office.of(kind))
        assert not fired or max(fired.values()) == 1
        assert all(e.at >= getattr(started[e.clock_id], deadline) for e in office.of(kind))
    breached = {e.clock_id for e in office.of(ClockBreached)}
    assert set(started) - set(stopped) <= breached, "an open clock was missed"
    ended = {e.clock_id: e.at for e in office.of(ClockStopped)}
    assert all(ended.get(e.clock_id, e.at) >= e.at for e in office.of(ClockBreached))


class Machine:
    """A machine whose wall clock steps while its boot clock runs on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_s, self.boot_s = NOON.timestamp(), 5_000.0
        monkeypatch.setattr(time, "time_ns", lambda: int(self.wall_s * 1e9))
        monkeypatch.setattr(clock_module, "boot_ns", lambda: int(self.boot_s * 1e9))
        monkeypatch.setattr(clock_module, "boot_id", lambda: "boot-1")

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.boot_s += seconds


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("step_h", [8, -8, 1, -1])
def test_a_step_of_the_wall_clock_neither_fires_early_nor_late(
    world: World, monkeypatch: pytest.MonkeyPatch, step_h: int, restart: bool
) -> None:
    """reliability.md F8, R11: ±8 h steps, with and without a restart in the same boot."""
    machine = Machine(monkeypatch)
    steady = SteadyClock(Anchor("boot-1", int(5_000e9), int(machine.wall_s * 1000)))
    office = Office(world).open_shops()
    world.clock = steady  # type: ignore[assignment]
    office.buyer_writes(1)
    due = world.read(lambda conn: queries.find_open_clock(conn, SHOP_A, 1)).due_at
    machine.pass_s(10)
    machine.wall_s += step_h * 3600
    if restart:
        steady = SteadyClock(steady.anchor)
        world.clock = steady  # type: ignore[assignment]
    for _ in range(120):
        machine.pass_s(0.25)
        office.run_timers()
    (breached,) = office.of(ClockBreached)
    assert timedelta(0) <= breached.at - due <= timedelta(seconds=0.25)
    assert len(office.of(ClockWarned)) == 1
    assert from_ms(0) < due
