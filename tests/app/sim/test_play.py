"""The demo in small: a buyer writes through a platform, a colleague answers over the public API, the buyer reads it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
import uvicorn

from miaohui.app import seed
from miaohui.app.process import Process
from miaohui.app.seed.channels import WIDGET_KEY
from miaohui.app.serve import server_config
from miaohui.app.settings import Settings
from miaohui.app.sim.client import Person, Refused, until_ready
from miaohui.app.sim.colleague import Colleague
from miaohui.app.sim.demand import SHANGHAI
from miaohui.app.sim.demo_file import Seat
from miaohui.app.sim.doors import Buyer, DouyinDoor, ShopBooks
from miaohui.app.sim.visits import Say
from miaohui.app.sim.widget import WidgetDoor
from miaohui.channels.sim.doudian.simulator import APP_KEY, DoudianSimulator
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY, DouyinSimulator
from miaohui.staff import queries as staff_queries

PATIENCE_S = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Theatre:
    """A real server on a real port, with the platforms' simulators beside it in the same process."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder, port=free_port(), log_format="json")
        self.doudian, self.douyin = DoudianSimulator(), DouyinSimulator()
        self.example: seed.Example

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Theatre]:
        """Start everything; stop it at the end."""
        ports = [await self.doudian.start(), await self.douyin.start()]
        self.settings.egress_allow = ",".join(f"127.0.0.1:{port}" for port in ports)
        process = Process(self.settings)
        stage = seed.Stage(process.db, process.rt.wiring, process.rt.ports["vault"], process.clock.now(), 7)
        at = seed.Addresses(self.doudian.base_url, self.douyin.base_url)
        self.example = await asyncio.to_thread(seed.seed_example, stage, at, 7)
        self.groups = {
            g.kind: g.id for g in stage.read(lambda c: staff_queries.list_groups(c, self.example.shop_id))
        }
        self.doudian.pusher.configure(url=f"{self.base_url}/hooks/doudian/{APP_KEY}")
        self.douyin.pusher.configure(url=f"{self.base_url}/hooks/douyin_im/{CLIENT_KEY}")
        server = uvicorn.Server(server_config(process, self.settings))
        server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
        serving = asyncio.create_task(server.serve())
        try:
            await until_ready(self.base_url)
            yield self
        finally:
            server.should_exit = True
            await serving
            await self.doudian.close()
            await self.douyin.close()

    def colleague(self, login: str) -> Colleague:
        """Return a colleague who composes in no time."""
        found = next(seat for seat in self.example.seats if seat.person.login == login)
        seat = Seat(login, found.password, found.person.name, found.person.title_zh, found.person.group)
        return Colleague(self.base_url, seat, self.groups, Random(3), pace=0.0)


async def until_pulled(person: Person, number: str) -> None:
    """Wait until the detail behind the pushed hint has been read: only then the desk knows whose order it is."""
    while True:
        found = (await person.call("GET", "/api/orders", q=number))["items"]
        if found and found[0]["pulled_at"]:
            return
        await asyncio.sleep(0.1)


async def ask_by_douyin(stage: Theatre, person: Person) -> None:
    """A buyer with an order asks when it is sent; the answer names the day that the platform promised."""
    door, books = DouyinDoor(stage.douyin.base_url), ShopBooks(stage.doudian.base_url)
    buyer = Buyer("_000play", "小鱼")
    order = await books.order(buyer, Random(1), live_room=None)
    await books.do(f"orders/{order['order_id']}/paid")
    await until_pulled(person, order["order_id"])
    reading = asyncio.create_task(door.run())
    seat = door.seat(buyer, Random(1))
    await seat.enter("order")
    await seat.say(Say("今天拍什么时候能发", 0.0))
    await seat.next_answer()
    reading.cancel()
    said = stage.douyin.inbox.delivered[0]
    assert (said["buyer"], said["source"]) == ("_000play", CLIENT_KEY)
    promised = datetime.fromtimestamp(order["exp_ship_time"], SHANGHAI)
    assert f"{promised.day}日{promised.hour}点" in said["content"]["text"]["text"]


async def ask_by_widget(stage: Theatre) -> None:
    """A visitor of the shop's own window shows a product and a picture, takes a line back, is answered, rates."""
    seat = await WidgetDoor(stage.base_url, WIDGET_KEY).seat(Buyer("_000visitor", "小桃"), Random(2))
    await seat.enter("product")
    for say in (Say("", 0.0, "product_card"), Say("你看下图", 0.0, "image"), Say("打错", 0.0, recall_after_s=0.0),
                Say("这个面料会起球吗", 0.0)):  # fmt: skip
        await seat.say(say)
    await seat.next_answer()
    await seat.leave(5)


def test_buyers_at_both_doors_are_answered_by_a_colleague_over_the_public_api(tmp_path: Path) -> None:
    async def play() -> None:
        async with Theatre(tmp_path).open() as stage, asyncio.timeout(PATIENCE_S):
            person = Person(stage.base_url, "zhuguan", stage.example.seats[0].password)
            await person.log_in()
            working = asyncio.create_task(stage.colleague("xiaolin").run())
            await asyncio.gather(ask_by_douyin(stage, person), ask_by_widget(stage))
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await looked_at_by_the_supervisor(person)

    asyncio.run(play())


async def looked_at_by_the_supervisor(person: Person) -> None:
    """What was played is on the desk; a session that is over is opened again by itself."""
    await person.call("DELETE", "/api/session")
    rows = (await person.call("GET", "/api/conversations", limit=10))["items"]
    assert {row["channel"] for row in rows} == {"douyin_im", "widget"}
    shown = [await person.call("GET", f"/api/conversations/{row['id']}") for row in rows]
    kinds = {message["kind"] for one in shown for message in one["messages"]["items"]}
    assert {"text", "image", "product_card"} <= kinds
    assert any(message["recalled_at"] for one in shown for message in one["messages"]["items"])
    with pytest.raises(Refused) as refused:
        await person.call("GET", "/api/orders/1")
    assert (refused.value.status, refused.value.code) == (404, "kit.not_found")
    await person.close()
