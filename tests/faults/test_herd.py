"""Hundreds of browsers that come back at once after a restart: the server goes on answering, nobody misses an
event, and each is served from one reading of the feed (F12, R10)."""

from __future__ import annotations

import threading
import time

import pytest

from miaohui.app.prove import kill, stand
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import ask, deliver
from tests.faults.herd import Herd

pytestmark = pytest.mark.proof
BROWSERS = 500
MISSED = 300
# How they wait before they come back (seconds, times chance): all live in time, deliveries acknowledged in time.
# Browsers wait at random; without that (a hundred tabs behind one broken switch) twice the time is allowed, and
# half of the five seconds after which a platform gives up.
HERDS = {"jittered": (5.0, 15.0, 1.0), "all at once": (0.0, 30.0, 2.5)}


class Buyers:
    """Deliver one message after the other in a thread, and note how long each took to be acknowledged."""

    def __init__(self, port: int, where: stand.Stand, per_s: float) -> None:
        self.took_s: list[float] = []
        self.refused = 0
        self._over = threading.Event()
        self._args = (port, where, 1 / per_s)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        port, where, pause_s = self._args
        number = 0
        while not self._over.is_set():
            number += 1
            answer = deliver(port, where, f"herd-{number}", number % 50)
            self.took_s.append(answer.took_s)
            self.refused += answer.status != 200
            self._over.wait(pause_s)

    def end(self) -> None:
        """Stop."""
        self._over.set()
        self._thread.join(20)


def shown(url: str) -> set[int]:
    """Return the ids of the messages that were shown."""
    return set(kill.stored(url).shown)


def restarted(fleet: Fleet) -> None:
    """Kill the server and start it again on its port."""
    fleet.kill(-1)
    wait_until(lambda: not fleet.is_alive(-1), 5, "killed and still there")
    settings = fleet.settings[0]
    fleet.pids.append(fleet.nursery.start(settings))
    stand.wait_for_port(settings.port, 20)


@pytest.mark.parametrize("how", HERDS)
def test_a_herd_that_comes_back_is_let_in_and_misses_nothing(fleet: Fleet, how: str) -> None:
    """They were away for hundreds of messages, and the server was restarted since: nothing is in its memory."""
    pause_s, live_within_s, acknowledged_within_s = HERDS[how]
    where = fleet.build("")
    settings = fleet.start("")
    port, url = settings.port, settings.database_url
    herd = Herd(port, where, BROWSERS, pause_s)
    try:
        wait_until(lambda: herd.live_since(0) == BROWSERS, 60, "they are not live before it begins")
        herd.may_come = False
        restarted(fleet)
        for number in range(MISSED):
            assert deliver(port, where, f"away-{number}", number % 50).status == 200
        wait_until(lambda: len(shown(url)) == MISSED, 30, "messages wait")
        restarted(fleet)
        began, herd.may_come = time.monotonic(), True
        buyers = Buyers(port, where, 20)
        live_s = wait_until(lambda: herd.live_since(began) == BROWSERS, 60, "some never came back")
        still_s = ask(port, "/healthz").took_s
        caught_up_s = wait_until(lambda: herd.has_heard(MISSED), 60, "they do not catch up") + live_s
        buyers.end()
        wait_until(
            lambda: herd.heard_by_everybody(shown(url)), 30, "somebody missed an event or heard one twice"
        )
        assert not buyers.refused and not sum(one.resyncs for one in herd.members)
        took = sorted(buyers.took_s)
        p99_s = took[int(len(took) * 0.99)]
        print(
            f"{BROWSERS} live after {live_s:.1f} s, caught up after {caught_up_s:.1f} s,"
            f" acknowledged p99 {p99_s * 1000:.0f} ms of {len(took)}"
        )
        assert live_s <= live_within_s and caught_up_s <= 2 * live_within_s
        assert p99_s <= acknowledged_within_s and still_s <= 1.0
    finally:
        herd.close()
