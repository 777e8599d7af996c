"""Loops that are stopped in the moment they are rung do stop (they went on for ever, and the stop hung)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from tests.runtimes import running

from miaohui.kit.db import Database
from miaohui.kit.live import LiveHub
from miaohui.kit.runner import JobRunner
from miaohui.kit.runtime import Runtime
from miaohui.kit.waiting import heard
from miaohui.kit.worker import Pump, PumpLoop, TimerLoop

Loop = Callable[[], Awaitable[None]]
LOOPS: dict[str, tuple[str, Callable[[Runtime], Loop]]] = {
    "pump": ("test", lambda rt: PumpLoop(rt, Pump("test", "test", lambda tx: 0)).run),
    "timers": ("timers", lambda rt: TimerLoop(rt, []).run),
    "jobs": ("jobs", lambda rt: JobRunner(rt, {}, []).run),
    "hub": ("feed", lambda rt: LiveHub(rt).run),
}


@pytest.fixture
def rt(tmp_path: Path, test_url: Callable[[Path], str]) -> Iterator[Runtime]:
    with running(Database(test_url(tmp_path)), tmp_path) as made:
        yield made


def test_waiting_ends_by_the_event_or_by_the_time() -> None:
    async def run() -> tuple[bool, bool]:
        event = asyncio.Event()
        late = await heard(event, 0.01)
        asyncio.get_running_loop().call_later(0.01, event.set)
        return late, await heard(event, 30)

    assert asyncio.run(run()) == (False, True)


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_that_is_rung_and_stopped_at_once_stops(rt: Runtime, name: str) -> None:
    ring, make = LOOPS[name]

    async def run() -> None:
        task = asyncio.ensure_future(make(rt)())
        await asyncio.sleep(0.3)  # it has nothing to do and waits for the bell
        rt.doorbell.ring_here([ring])  # whoever waits has not woken yet
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=5)
        assert done and task.cancelled()

    asyncio.run(run())
