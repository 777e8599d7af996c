"""A platform that takes a message and then fails: nothing goes out twice, and nobody is told a guess (F15, R2).

The platform is the simulator, a program of its own; its list of what arrived is the judge.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from miaohui.app.prove import stand
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import ask, bearer, rows

pytestmark = pytest.mark.proof
# What the platform does to one send, and whether the buyer got it.
MODES = {
    "reset": True, "half": True, "html": True, "error500_after": True,
    "reset_before": False, "error500": False,
}  # fmt: skip
WAITED_S = 8.0  # two look-ups are over by then


@dataclass
class Stage:
    fleet: Fleet
    where: stand.Stand
    platform: int
    port: int
    url: str

    def sim(self, name: str, **given: Any) -> dict[str, Any]:
        """Tell the simulated platform something."""
        return stand.ask(self.platform, f"/sim/{name}", given)

    def reply(self, talk: int, name: str) -> None:
        """Answer as an agent; the text is the name, and part of the client id."""
        body = json.dumps({"client_id": f"client-{name}", "text": name}).encode()
        answer = ask(self.port, f"/api/conversations/{talk}/messages", body, bearer(self.where))
        assert answer.status == 202

    def states(self) -> dict[str, str]:
        """Return the state of every reply by its name."""
        return dict(rows(self.url, "SELECT text, state FROM inbox_messages WHERE role = 'agent'"))

    def arrived(self) -> list[str]:
        """Return the texts that buyers got through us, in order."""
        return [str(item["content"]["text"]["text"]) for item in self.sim("received")["items"]]

    def talks(self) -> list[int]:
        """Return the open conversations, oldest first."""
        return [row[0] for row in rows(self.url, "SELECT id FROM inbox_conversations ORDER BY id")]


@pytest.fixture
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="miaohui-sends-") as name, stand.platform(Path(name)) as platform:
        fleet = Fleet(Path(name), platform)
        where = fleet.build("")
        settings = fleet.start("")
        stand.ask(platform, "/sim/push", {"url": f"http://127.0.0.1:{settings.port}{where.hook_path}"})
        yield Stage(fleet, where, platform, settings.port, settings.database_url)
        fleet.close()


def test_what_a_failing_platform_took_is_never_sent_again(stage: Stage) -> None:
    for number, mode in enumerate(MODES):
        stage.sim("messages", buyer=f"buyer-{mode}", text="在吗")
        wait_until(lambda n=number: len(stage.talks()) > n, 10, f"no talk for {mode}")
        stage.sim("faults", mode=mode, path="/im/send")
        stage.reply(stage.talks()[-1], mode)
        wait_until(lambda m=mode: stage.states().get(m) not in ("queued", "sending"), 20, f"{mode} hangs")
    wait_until(
        lambda: all(stage.states()[mode] == "delivered" for mode, got in MODES.items() if got), 20,
        f"an echo settled nothing: {stage.states()}",
    )  # fmt: skip
    wait_until(lambda: _looked_up_twice(stage) >= 2, WAITED_S + 10, "the unknown ones were not looked up")
    assert stage.states() == {mode: "delivered" if got else "unknown" for mode, got in MODES.items()}
    assert sorted(stage.arrived()) == sorted(mode for mode, got in MODES.items() if got)
    check_that_a_person_sees_and_settles(stage)


def _looked_up_twice(stage: Stage) -> int:
    sql = "SELECT count(*) FROM kit_jobs WHERE key LIKE 'inbox.look_up_reply:%:1' AND state = 'done'"
    return int(rows(stage.url, sql)[0][0])


def check_that_a_person_sees_and_settles(stage: Stage) -> None:
    """`unknown` is shown as such; who looked into 抖音 writes down what was found; a new reply goes out."""
    talk, message = rows(
        stage.url, "SELECT conversation_id, id FROM inbox_messages WHERE text = 'reset_before'"
    )[0]
    shown = ask(stage.port, f"/api/conversations/{talk}/messages", headers=bearer(stage.where)).json()
    assert [item["state"] for item in shown["items"] if item["id"] == message] == ["unknown"]
    stage.reply(talk, "once-more")
    wait_until(lambda: stage.states()["once-more"] == "delivered", 20, f"stuck: {stage.states()}")
    assert stage.arrived().count("once-more") == 1 and "reset_before" not in stage.arrived()


def test_a_server_killed_while_sending_does_not_send_again(stage: Stage) -> None:
    """The platform thinks for two seconds; the server dies meanwhile and comes back."""
    stage.sim("messages", buyer="buyer-slow", text="在吗")
    wait_until(stage.talks, 10, "no talk")
    stage.sim("push", url="http://127.0.0.1:9/")  # no echo before the kill
    stage.sim("faults", mode="slow", path="/im/send", delay_s=2.0)
    stage.reply(stage.talks()[0], "slow-one")
    wait_until(lambda: stage.arrived() == ["slow-one"], 10, "the platform has not got it")
    assert stage.states() == {"slow-one": "sending"}
    stage.fleet.kill(0)
    wait_until(lambda: not stage.fleet.is_alive(0), 5, "killed and still there")
    again = stage.fleet.start("")
    stage.sim("push", url=f"http://127.0.0.1:{again.port}{stage.where.hook_path}", resume=True)
    left = "SELECT count(*) FROM kit_jobs WHERE kind = 'inbox.deliver_reply' AND state <> 'done'"
    wait_until(lambda: not rows(stage.url, left)[0][0], 30, "nobody took over the dead server's job")
    assert stage.states()["slow-one"] in ("unknown", "delivered")
    assert stage.arrived() == ["slow-one"]
