"""Rings reach other processes over NOTIFY and over NATS, and come back after the carrier was gone (F6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from miaohui.app.process import make_doorbell
from miaohui.app.settings import Settings
from miaohui.kit.db import Database
from miaohui.kit.doorbell import Doorbell, NatsDoorbell, PostgresDoorbell
from tests.engines.fleet import Fleet, Nats, deliver, terminate_backends

IN_TIME_S = 10.0


def bell_at(url: str, bus: str = "") -> Doorbell:
    db = Database(url)
    made = make_doorbell(Settings(bus=bus), db)
    db.close()
    return made


async def ring_until_heard(here: Doorbell, there: asyncio.Event, name: str) -> None:
    """A ring may be lost, so ring again; a doorbell that carries nothing never sets the event."""
    async with asyncio.timeout(IN_TIME_S):
        while not there.is_set():
            here.ring([name])
            await asyncio.sleep(0.05)


async def two(make: Callable[[], Doorbell]) -> tuple[Doorbell, Doorbell]:
    pair = make(), make()
    for bell in pair:
        await bell.start()
    return pair


@pytest.fixture(params=["notify", "nats"])
def make(request: pytest.FixtureRequest, url: str, nats_url: str) -> Callable[[], Doorbell]:
    bus = nats_url if request.param == "nats" else ""
    kind = NatsDoorbell if bus else PostgresDoorbell

    def made() -> Doorbell:
        bell = bell_at(url, bus)
        assert isinstance(bell, kind)
        return bell

    return made


def test_a_ring_is_heard_by_the_other_one_under_its_own_name_only(make: Callable[[], Doorbell]) -> None:
    async def run() -> None:
        here, there = await two(make)
        try:
            await ring_until_heard(here, there.listen("warm"), "warm")
            await asyncio.sleep(0.1)
            feed, jobs = there.listen("feed"), there.listen("jobs")
            await ring_until_heard(here, feed, "feed")
            assert not jobs.is_set()
        finally:
            await here.stop()
            await there.stop()

    asyncio.run(run())


def test_connections_that_were_cut_come_back_and_wake_everybody_once(url: str) -> None:
    """What rang in between is unknown, so every listener looks."""

    async def run() -> None:
        here, there = await two(lambda: bell_at(url))
        try:
            heard = there.listen("feed")
            await ring_until_heard(here, heard, "feed")
            for _ in range(3):
                await asyncio.sleep(0.2)
                heard.clear()
                assert await asyncio.to_thread(terminate_backends, url) >= 2
                async with asyncio.timeout(IN_TIME_S):
                    await heard.wait()  # nobody rang: it was the reconnect
                heard.clear()
                await ring_until_heard(here, heard, "feed")
        finally:
            await here.stop()
            await there.stop()
        assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    asyncio.run(run())


def test_a_nats_server_that_was_killed_and_wiped_carries_rings_again(url: str, own_nats: Nats) -> None:
    async def run() -> None:
        here, there = await two(lambda: bell_at(url, own_nats.url))
        try:
            heard = there.listen("feed")
            await ring_until_heard(here, heard, "feed")
            own_nats.kill()
            here.ring(["feed"])  # into the void, and nobody is hurt
            await asyncio.sleep(0.2)
            heard.clear()
            await asyncio.to_thread(own_nats.start)
            await ring_until_heard(here, heard, "feed")
        finally:
            await here.stop()
            await there.stop()

    asyncio.run(run())


@pytest.mark.parametrize("carrier", ["notify", "nats"])
def test_a_running_program_rings_other_processes(fleet: Fleet, url: str, nats_url: str, carrier: str) -> None:
    """The listener here does not poll: only a ring of the server's commit can set its event."""
    bus = nats_url if carrier == "nats" else ""
    where = fleet.build(url)
    port = fleet.start(url, bus=bus).port

    async def run() -> None:
        bell = bell_at(url, bus)
        await bell.start()
        heard = bell.listen("deliveries")
        try:
            async with asyncio.timeout(20):
                number = 0
                while not heard.is_set():
                    number += 1
                    assert await asyncio.to_thread(deliver, port, where, f"ring-{number}") == 200
                    await asyncio.sleep(0.2)
        finally:
            await bell.stop()

    asyncio.run(run())
