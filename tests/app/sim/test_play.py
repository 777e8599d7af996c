"""The demo in small: a buyer writes through a platform, a colleague answers over the public API, the buyer reads it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import uvicorn

from miaohui.app import seed
from miaohui.app.process import Process
from miaohui.app.serve import server_config
from miaohui.app.settings import Settings
from miaohui.app.sim.client import Person, Refused, until_ready
from miaohui.app.sim.colleague import Colleague
from miaohui.app.sim.demo_file import Seat
from miaohui.app.sim.doors import Buyer, DouyinDoor, ShopBooks
from miaohui.app.sim.visits import Say
from miaohui.channels.sim.doudian.simulator import APP_KEY, DoudianSimulator
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY, DouyinSimulator
from miaohui.staff import queries as staff_queries

PATIENCE_S = 20.0


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


def test_a_buyer_is_answered_by_a_colleague_with_the_facts_of_a_pushed_order(tmp_path: Path) -> None:
    async def play() -> None:
        async with Theatre(tmp_path).open() as stage, asyncio.timeout(PATIENCE_S):
            door, books = DouyinDoor(stage.douyin.base_url), ShopBooks(stage.doudian.base_url)
            buyer = Buyer("_000play", "小鱼")
            order = await books.order(buyer, Random(1), live_room=None)
            await books.do(f"orders/{order['order_id']}/paid")
            helpers = [
                asyncio.create_task(door.run()),
                asyncio.create_task(stage.colleague("xiaozhao").run()),
            ]
            seat = door.seat(buyer, Random(1))
            await seat.enter("order")
            await seat.say(Say("怎么还没发货啊都三天了", 0.0))
            await seat.next_answer()
            said = stage.douyin.inbox.delivered[0]
            assert said["buyer"] == "_000play" and said["source"] == CLIENT_KEY
            for task in helpers:
                task.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    asyncio.run(play())


def test_a_person_logs_in_again_when_the_session_is_over(tmp_path: Path) -> None:
    async def play() -> None:
        async with Theatre(tmp_path).open() as stage, asyncio.timeout(PATIENCE_S):
            person = Person(stage.base_url, "zhuguan", stage.example.seats[0].password)
            await person.log_in()
            assert (await person.call("GET", "/api/session"))["role"] == "supervisor"
            await person.call("DELETE", "/api/session")
            assert (await person.call("GET", "/api/session"))["user_id"] == person.user_id
            try:
                await person.call("GET", "/api/orders/1")
            except Refused as refused:
                assert (refused.status, refused.code) == (404, "kit.not_found")
            await person.close()

    asyncio.run(play())
