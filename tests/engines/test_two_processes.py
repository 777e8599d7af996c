"""Two processes of the program on one PostgreSQL: one answers the network, one works (house §5, R22)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from miaohui.app.prove import kill, stand
from tests.engines.fleet import Ear, Fleet, Load, Nats, count, deliver, wait_until

pytestmark = pytest.mark.proof
MESSAGES = "SELECT count(*) FROM inbox_messages WHERE role = 'buyer'"
WAITING = "SELECT count(*) FROM inbox_deliveries WHERE state = 'waiting'"


def nothing_lost(url: str, told: dict[str, list[str]]) -> None:
    """Everything acknowledged is stored once and shown once; every accepted reply is there."""
    wait_until(lambda: count(url, WAITING) == 0, 60, "deliveries still wait")
    found = kill.stored(url)
    assert len(told["acked"]) > 20, "too little load to prove anything"
    assert set(told["acked"]) <= set(found.keys)
    assert len(found.keys) == len(set(found.keys)) == len(set(found.shown)) == len(found.shown)
    assert set(told["accepted"]) <= set(found.replies)
    assert found.failed_count == 0 and found.is_sound


@pytest.mark.parametrize("bus", ["", "nats"])
def test_what_one_process_stores_the_other_handles_and_the_first_shows(
    fleet: Fleet, url: str, nats_url: str, bus: str
) -> None:
    where = fleet.build(url)
    web = fleet.start(url, "web", nats_url if bus else "")
    ear = Ear(web.port, where)
    assert deliver(web.port, where, "alone") == 200
    time.sleep(1.5)
    assert count(url, MESSAGES) == 0, "a web process does no work"
    fleet.start(url, "worker", nats_url if bus else "")
    for number in range(10):
        assert deliver(web.port, where, f"two-{number}", number) == 200
    wait_until(lambda: len(ear.heard) == 11, 20, f"heard only {len(ear.heard)} of 11")
    assert len(set(ear.heard)) == 11 and count(url, MESSAGES) == 11
    ear.close()


def test_a_lost_bell_is_harmless(fleet: Fleet, url: str) -> None:
    """The bus points at a port where nobody listens: both processes find their work by looking."""
    nowhere = f"nats://127.0.0.1:{stand.free_port()}"
    where = fleet.build(url)
    web = fleet.start(url, "web", nowhere)
    fleet.start(url, "worker", nowhere)
    ear = Ear(web.port, where)
    started = time.perf_counter()
    for number in range(5):
        assert deliver(web.port, where, f"deaf-{number}") == 200
    wait_until(lambda: len(ear.heard) == 5, 20, f"heard only {len(ear.heard)} of 5")
    assert time.perf_counter() - started < 15
    ear.close()


def test_nats_killed_and_wiped_in_the_middle_loses_nothing(
    fleet: Fleet, url: str, own_nats: Nats, tmp_path: Path
) -> None:
    """The broker is never the truth (reliability.md F6, §1.5)."""
    where = fleet.build(url)
    web = fleet.start(url, "web", own_nats.url)
    fleet.start(url, "worker", own_nats.url)
    ear = Ear(web.port, where)
    load = Load(tmp_path, web.port, where)
    for _ in range(3):
        time.sleep(0.7)
        own_nats.kill()
        time.sleep(0.7)
        own_nats.start()
    told = load.end()
    nothing_lost(url, told)
    shown = kill.stored(url).shown
    wait_until(lambda: len(set(ear.heard)) == len(shown), 20, "a live event was missed")
    assert sorted(ear.heard) == sorted(shown) and ear.resyncs == 0
    ear.close()


def test_a_worker_that_was_killed_is_replaced_by_another(fleet: Fleet, url: str, tmp_path: Path) -> None:
    where = fleet.build(url)
    web = fleet.start(url, "web")
    fleet.start(url, "worker")
    load = Load(tmp_path, web.port, where)
    for number in range(1, 4):
        time.sleep(0.6)
        fleet.kill(number)
        fleet.start(url, "worker")
    nothing_lost(url, load.end())
