"""Killed between a platform's grant and our commit: the one-time code is spent, and the channel's page says so
(reliability.md F1, F15; channels.md §2.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from miaohui.access import actions as access
from miaohui.access.actions.tokens import TokenGrant
from miaohui.access.model import ROLES, AccessPolicy
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.channels.sim.doudian import simulator as doudian_sim
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.shop import actions as shop
from miaohui.shop.actions import NewAccount
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import ask, bearer, rows

pytestmark = pytest.mark.proof
SAID_WITHIN_S = 75.0  # the job comes round every 30 s, after the dead server's lease


@dataclass
class Stage:
    fleet: Fleet
    where: stand.Stand
    sim: int
    keeper: str
    port: int = 0
    url: str = ""

    def start(self) -> None:
        """Start a server, and have the platform push to it."""
        settings = self.fleet.start("")
        self.port, self.url = settings.port, settings.database_url
        hook = f"http://127.0.0.1:{self.port}{self.where.hook_path}"
        stand.ask(self.sim, "/sim/push", {"url": hook, "resume": True})

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        number = len(self.fleet.pids) - 1
        self.fleet.kill(number)
        wait_until(lambda: not self.fleet.is_alive(number), 5, "killed and still there")

    def asked(self, method_path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask as somebody who keeps the channels."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.keeper}", "content-type": "application/json"}
        return ask(self.port, method_path, data, headers, 30)

    def account(self, channel: str) -> dict[str, Any]:
        """Return what the channels' page shows of an account."""
        items = self.asked("/api/channel-accounts").json()["items"]
        return next(item for item in items if item["channel"] == channel)

    def reply(self, name: str) -> None:
        """Answer the only conversation."""
        talk = rows(self.url, "SELECT id FROM inbox_conversations")[0][0]
        body = json.dumps({"client_id": f"client-{name}", "text": name}).encode()
        path = f"/api/conversations/{talk}/messages"
        assert ask(self.port, path, body, bearer(self.where)).status == 202

    def state_of(self, name: str) -> str:
        """Return what became of a reply."""
        return str(rows(self.url, f"SELECT state FROM inbox_messages WHERE text = '{name}'")[0][0])


def make_keeper(process: Process, where: stand.Stand) -> str:
    """Return a token of somebody who may manage channels."""

    def make(tx: Tx) -> str:
        user_id = access.create_user(tx, "keeper", "店长", None)
        access.grant_role(tx, where.shop_id, user_id, "manager")
        allowed = TokenGrant("渠道", ["channels.read", "channels.manage"], 1, ROLES["manager"])
        return access.create_token(tx, where.shop_id, user_id, allowed, AccessPolicy())[1]

    return process.rt.lane.run_here(make, SYSTEM)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        sim = stack.enter_context(stand.platform(tmp_path))
        fleet = Fleet(tmp_path, sim)
        stack.callback(fleet.close)
        where = fleet.build("")
        process = Process(fleet.settings_for_sqlite())
        keeper = make_keeper(process, where)
        process.close()
        yield Stage(fleet, where, sim, keeper)


def test_a_spent_code_is_said_on_the_channels_page_and_a_new_one_heals_it(stage: Stage) -> None:
    stage.start()
    stand.ask(stage.sim, "/sim/messages", {"buyer": "buyer-1", "text": "在吗"})
    wait_until(lambda: rows(stage.url, "SELECT id FROM inbox_conversations"), 10, "no talk")
    stand.ask(stage.sim, "/sim/faults", {"mode": "slow", "path": "oauth/access_token", "delay_s": 4.0})
    stage.reply("first")
    wait_until(
        lambda: stand.ask(stage.sim, "/sim/app", {})["codes"] == [],
        10,
        "the platform was not asked for a token",
    )
    stage.kill()
    stage.start()
    wait_until(lambda: stage.account("douyin_im")["state"] == "needs_login", SAID_WITHIN_S, "nobody says so")
    shown = stage.account("douyin_im")
    assert "重新授权" in shown["state_reason"] and "中断" in shown["state_reason"]
    assert "auth_code_begun" not in shown["secret_names"]
    wait_until(lambda: stage.state_of("first") == "unknown", 30, "it may not be sent again by itself")
    stage.reply("second")
    wait_until(lambda: stage.state_of("second") == "refused", 30, "it waits for ever")
    heal(stage, shown["id"])
    stage.reply("third")
    wait_until(lambda: stage.state_of("third") == "delivered", 30, "the new code changes nothing")
    received: Any = stand.ask(stage.sim, "/sim/received", {})["items"]
    assert [item["content"]["text"]["text"] for item in received] == ["third"]


def heal(stage: Stage, account_id: int) -> None:
    """Authorise again: a person puts the new code in and tries the connection."""
    stand.ask(stage.sim, "/sim/app", {"codes": ["code-2"]})
    put(stage, f"/api/channel-accounts/{account_id}/secrets", {"secrets": {"auth_code": "code-2"}})
    checked = stage.asked(f"/api/channel-accounts/{account_id}/checks", {})
    assert checked.status == 201 and checked.json()["result"] == "passed", checked.body
    assert stage.account("douyin_im")["state"] == "active"


def put(stage: Stage, path: str, body: dict[str, Any]) -> None:
    """Ask with PUT."""
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=10)
    headers = {"authorization": f"Bearer {stage.keeper}", "content-type": "application/json"}
    line.request("PUT", path, json.dumps(body), headers)
    answer = line.getresponse()
    assert answer.status == 200, answer.read()
    line.close()


def test_a_self_use_app_is_given_another_token_by_itself(stage: Stage, tmp_path: Path) -> None:
    """抖店 gives a self-use app tokens by shop id: the one that was lost is simply asked for again."""
    with stand.platform(tmp_path, name="doudian") as doudian:
        settings = stage.fleet.settings_for_sqlite()
        process = Process(settings)
        new = NewAccount(
            "doudian", "抖店",
            {"app_key": doudian_sim.APP_KEY, "platform_shop_id": doudian_sim.SHOP_ID,
             "base_url": f"http://127.0.0.1:{doudian}"},
            {"app_secret": doudian_sim.APP_SECRET}, doudian_sim.APP_KEY,
        )  # fmt: skip
        vault = process.rt.ports["vault"]
        shop_id = stage.where.shop_id
        process.rt.lane.run_here(lambda tx: shop.add_channel_account(tx, vault, shop_id, new), SYSTEM)
        process.close()
        stage.fleet.egress = f",127.0.0.1:{doudian}"
        stand.ask(doudian, "/sim/faults", {"mode": "slow", "path": "token/create", "delay_s": 4.0})
        stage.start()
        wait_until(lambda: count_tokens(doudian) == 1, 90, "the reconcile asks for no token")
        stage.kill()
        stage.start()
        wait_until(lambda: count_tokens(doudian) == 2, 90, "the token is not asked for again")
        sql = "SELECT count(*) FROM trade_cursors WHERE done_until IS NOT NULL"
        wait_until(lambda: rows(stage.url, sql)[0][0], 60, "nothing is pulled with it")
        assert stage.account("doudian")["state"] == "active"


def count_tokens(doudian: int) -> int:
    """Return how often the platform was asked for a token."""
    calls: Any = stand.ask(doudian, "/sim/received", {})["items"]
    return sum(call["method"] == "token.create" for call in calls)
