"""A database, a broker, a platform that swallow everything and never close: nobody waits for ever (F6, R22)."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from miaohui.app.process import make_doorbell
from miaohui.app.prove import kill, stand
from miaohui.app.settings import Settings
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY
from miaohui.kit.db import Database
from miaohui.kit.doorbell import Doorbell
from tests.engines.fleet import Ear, Fleet, Load, count, deliver, wait_until
from tests.engines.hole import Hole, to_port, to_postgres
from tests.engines.test_two_processes import nothing_lost
from tests.faults.asking import ask, bearer, rows

pytestmark = pytest.mark.proof
BLACK_S = 30.0
CAUGHT_UP_S = 60.0


def test_a_database_behind_a_black_hole_loses_nothing_and_is_caught_up_with(
    fleet: Fleet, url: str, tmp_path: Path
) -> None:
    """Connections of before stay dead for ever, in the middle of what they did; new ones work."""
    reach, behind = to_postgres(url)
    with Hole(reach) as hole:
        where = fleet.build(url)
        port = fleet.start(behind(hole.port)).port
        load = Load(tmp_path, port, where)
        wait_until(lambda: count(url, "SELECT count(*) FROM inbox_messages") > 50, 20, "no load")
        hole.swallow()
        ends = time.monotonic() + BLACK_S
        time.sleep(1.0)  # what was committed before is answered
        while time.monotonic() < ends:
            assert ask(port, "/healthz", limit_s=2.0).status == 200, "the process itself does not answer"
            assert deliver(port, where, "into-the-hole") != 200, "it is said to be stored, and cannot be"
        hole.let_through()
        back_s = wait_until(
            lambda: deliver(port, where, "afterwards") == 200, CAUGHT_UP_S, "nothing is stored"
        )
        told = load.end()
        nothing_lost(url, told)
        assert back_s < CAUGHT_UP_S and "afterwards" in kill.stored(url).keys
        assert fleet.is_alive(0)


def bell_at(url: str, bus: str) -> Doorbell:
    """Return the doorbell of a process."""
    db = Database(url)
    made = make_doorbell(Settings(bus=bus), db)
    db.close()
    return made


@pytest.mark.parametrize("carrier", ["notify", "nats"])
def test_rings_are_carried_again_after_a_black_hole(url: str, nats_url: str, carrier: str) -> None:
    """The one who listens is told nothing by anybody: it has to notice the silence by itself."""
    reach, behind = to_postgres(url)
    if carrier == "nats":
        reach = to_port(int(nats_url.rsplit(":", 1)[1]))

    async def heard_again(here: Doorbell, there: Doorbell, limit_s: float) -> None:
        heard = there.listen("feed")
        there.ring_everybody()
        heard.clear()
        async with asyncio.timeout(limit_s):
            while not heard.is_set():
                here.ring(["feed"])
                await asyncio.sleep(0.1)

    async def run(hole: Hole) -> None:
        here = bell_at(url, nats_url if carrier == "nats" else "")
        there = bell_at(behind(hole.port), f"nats://127.0.0.1:{hole.port}") if carrier == "nats" else None
        there = there or bell_at(behind(hole.port), "")
        await here.start()
        await there.start()
        try:
            await heard_again(here, there, 10)
            hole.swallow()
            await asyncio.sleep(3.0)
            hole.let_through()
            await heard_again(here, there, CAUGHT_UP_S)
        finally:
            await here.stop()
            await there.stop()

    with Hole(reach) as hole:
        asyncio.run(run(hole))


def test_nats_behind_a_black_hole_delays_nothing_that_matters(fleet: Fleet, url: str, nats_url: str) -> None:
    """Both processes find their work by looking; the broker is never the truth."""
    with Hole(to_port(int(nats_url.rsplit(":", 1)[1]))) as hole:
        bus = f"nats://127.0.0.1:{hole.port}"
        where = fleet.build(url)
        web = fleet.start(url, "web", bus)
        fleet.start(url, "worker", bus)
        ear = Ear(web.port, where)
        assert deliver(web.port, where, "warm") == 200
        wait_until(lambda: len(ear.heard) == 1, 10, "nothing is heard")
        hole.swallow()
        for number in range(10):
            assert deliver(web.port, where, f"black-{number}") == 200
        wait_until(lambda: len(set(ear.heard)) == 11, 10, f"heard only {len(ear.heard)} of 11")
        ear.close()


@pytest.fixture
def platform() -> Iterator[tuple[Hole, int]]:
    """A simulated platform whose API lies behind a hole; its own door is open."""
    with (
        tempfile.TemporaryDirectory(prefix="miaohui-hole-") as name,
        stand.platform(Path(name)) as port,
        Hole(to_port(port)) as hole,
    ):
        yield hole, port


def test_a_platform_behind_a_black_hole_costs_its_own_sends_only(
    platform: tuple[Hole, int], tmp_path: Path
) -> None:
    """A send that got in is *unknown* and is not repeated; one that never got in is sent when the hole is gone;
    deliveries and reading go on as if nothing were (F6, F9, F15)."""
    hole, sim = platform
    fleet = Fleet(tmp_path, hole.port)
    try:
        where = fleet.build("")
        settings = fleet.start("")
        port, db = settings.port, settings.database_url
        stand.ask(sim, "/sim/push", {"url": f"http://127.0.0.1:{port}/hooks/douyin_im/{CLIENT_KEY}"})
        talks = [talk_with(sim, db, f"buyer-{n}") for n in range(2)]
        reply(port, where, talks[0], "warm")
        wait_until(lambda: states(db).get("warm") == "delivered", 20, f"not sent: {states(db)}")
        hole.swallow()
        reply(port, where, talks[0], "swallowed")
        ends = time.monotonic() + 14.0
        while time.monotonic() < ends:
            name = f"meanwhile-{int(time.monotonic() * 1000)}"
            assert deliver(port, where, name) == 200
            shown = ask(port, "/api/conversations?box=open&limit=20", headers=bearer(where))
            assert shown.status == 200 and shown.took_s < 1.0
            time.sleep(0.2)
        assert states(db)["swallowed"] == "unknown", "somebody waits for ever, or claims to know"
        hole.let_through()
        reply(port, where, talks[1], "afterwards")
        wait_until(lambda: states(db).get("afterwards") == "delivered", 60, f"stuck: {states(db)}")
        received: Any = stand.ask(sim, "/sim/received", {})["items"]
        got = [str(item["content"]["text"]["text"]) for item in received]
        assert got.count("warm") == got.count("afterwards") == 1 and "swallowed" not in got
    finally:
        fleet.close()


def talk_with(sim: int, db: str, buyer: str) -> int:
    """Have a buyer write; return the conversation's number."""
    before = len(rows(db, "SELECT id FROM inbox_conversations"))
    stand.ask(sim, "/sim/messages", {"buyer": buyer, "text": "在吗"})
    wait_until(lambda: len(rows(db, "SELECT id FROM inbox_conversations")) > before, 10, "no talk")
    return int(rows(db, "SELECT max(id) FROM inbox_conversations")[0][0])


def reply(port: int, where: stand.Stand, talk: int, text: str) -> None:
    """Answer as an agent."""
    body = json.dumps({"client_id": f"client-{text}", "text": text}).encode()
    assert ask(port, f"/api/conversations/{talk}/messages", body, bearer(where)).status == 202


def states(db: str) -> dict[str, str]:
    """Return the state of every reply by its text."""
    return dict(rows(db, "SELECT text, state FROM inbox_messages WHERE role = 'agent'"))


def test_the_url_behind_the_hole_names_the_same_database(url: str) -> None:
    _, behind = to_postgres(url)
    assert make_url(behind(1234)).database == make_url(url).database
