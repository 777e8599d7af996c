"""PostgreSQL loses connections, crashes, comes back: nothing acknowledged is lost, nobody restarts us (F5)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from miaohui.app.prove import kill, stand
from tests.engines.fleet import Ear, Fleet, Load, Postgres, count, deliver, terminate_backends, wait_until
from tests.engines.test_two_processes import nothing_lost

pytestmark = pytest.mark.proof
READY_WITHIN_S = 5.0


def back_after(port: int, url: str, where: stand.Stand, name: str) -> float:
    """Return how long it takes until a delivery is acknowledged and handled."""
    started = time.perf_counter()
    wait_until(lambda: deliver(port, where, name) == 200, 20, "no delivery is acknowledged")
    sql = f"SELECT count(*) FROM inbox_messages WHERE message_key = '{name}'"
    wait_until(lambda: count(url, sql) == 1, 20, "an acknowledged delivery is not handled")
    return time.perf_counter() - started


def test_cut_connections_lose_nothing_and_are_made_again(fleet: Fleet, url: str, tmp_path: Path) -> None:
    where = fleet.build(url)
    port = fleet.start(url).port
    ear = Ear(port, where)
    load = Load(tmp_path, port, where)
    cut = 0
    for _ in range(6):
        time.sleep(0.5)
        cut += terminate_backends(url)
    assert cut >= 12
    assert back_after(port, url, where, "after-the-cuts") < READY_WITHIN_S
    told = load.end()
    nothing_lost(url, told)
    shown = kill.stored(url).shown
    wait_until(lambda: len(set(ear.heard)) == len(shown), 20, "a live event was missed")
    assert sorted(ear.heard) == sorted(shown) and ear.resyncs == 0
    assert fleet.is_alive(0)
    ear.close()


def test_a_crash_of_the_server_loses_nothing_and_is_over_five_seconds_after_it_accepts(
    fleet: Fleet, own_postgres: Postgres, tmp_path: Path
) -> None:
    """Every process of the server is killed under load, twice; ours goes on without being restarted."""
    url = own_postgres.database()
    where = fleet.build(url)
    port = fleet.start(url).port
    ear = Ear(port, where)
    load = Load(tmp_path, port, where)
    for number in range(2):
        time.sleep(1.5)
        own_postgres.crash()
        time.sleep(1.0)
        own_postgres.start()
        took = back_after(port, url, where, f"after-crash-{number}")
        assert took < READY_WITHIN_S, f"{took:.1f} s\n{fleet.log()}"
    told = load.end()
    nothing_lost(url, told)
    shown = kill.stored(url).shown
    wait_until(lambda: len(set(ear.heard)) == len(shown), 20, "a live event was missed")
    assert sorted(ear.heard) == sorted(shown)
    assert fleet.is_alive(0)
    ear.close()


def test_while_the_server_is_away_nothing_is_acknowledged(fleet: Fleet, own_postgres: Postgres) -> None:
    """An answer means stored: without a database the answer is 503, and a person reads what to do."""
    url = own_postgres.database()
    where = fleet.build(url)
    port = fleet.start(url).port
    assert deliver(port, where, "before") == 200
    own_postgres.crash()
    try:
        assert deliver(port, where, "during") == 503
    finally:
        own_postgres.start()
    assert back_after(port, url, where, "afterwards") < READY_WITHIN_S
    assert count(url, "SELECT count(*) FROM inbox_deliveries") == 2
    assert fleet.is_alive(0)
