"""The doors through which simulated buyers write: 抖音私信 by its simulated platform, and the shop's chat window.

A door turns what a buyer says into what the platform would send us, and what we send into what the buyer sees.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from random import Random
from typing import Any, Protocol

import httpx
import structlog

from miaohui.app.sim.catalogue import GOODS, VIDEO_ID
from miaohui.app.sim.client import http_client
from miaohui.app.sim.visits import Say

log = structlog.get_logger()
POLL_EVERY_S = 0.8


class Buyer:
    """Who visits: the id that 抖音 knows them by, a name, and the newest order where there is one."""

    def __init__(self, open_id: str, name: str, order: dict[str, Any] | None = None) -> None:
        self.open_id, self.name, self.order = open_id, name, order


class Seat(Protocol):
    """A buyer's end of one conversation."""

    async def enter(self, entry: str) -> None:
        """Come in by an entry: live, video, product, order, chat."""

    async def say(self, say: Say) -> None:
        """Send one thing; take it back later when it says so."""

    async def next_answer(self) -> None:
        """Wait until the shop says something."""

    async def leave(self, rating: int | None) -> None:
        """Go, with stars where the door has them."""


class DouyinDoor:
    """抖音私信: the simulator pushes what buyers say, signed, and keeps what we send for them to read."""

    def __init__(self, base_url: str) -> None:
        self.http = http_client(base_url)
        self._answered: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._read = 0

    async def run(self) -> None:
        """Read what was sent to buyers, for ever."""
        while True:
            with contextlib.suppress(httpx.HTTPError, ValueError):
                await self._look()
            await asyncio.sleep(POLL_EVERY_S)

    async def _look(self) -> None:
        found = (await self.http.post("/sim/received", json={"since": self._read})).json()
        for item in found["items"]:
            if item["source"]:
                self._answered[item["buyer"]].set()
        self._read = found["count"]

    async def do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Tell the simulator what a buyer does."""
        reply = await self.http.post(f"/sim/{path}", json=body)
        reply.raise_for_status()
        return dict(reply.json())

    def seat(self, buyer: Buyer, rng: Random) -> DouyinSeat:
        """Return a buyer's end of a private conversation."""
        return DouyinSeat(self, buyer, rng)

    def answered(self, buyer: Buyer) -> asyncio.Event:
        """Return the event that is set when the shop has answered this buyer."""
        return self._answered[buyer.open_id]

    def forget(self, buyer: Buyer) -> None:
        """Stop listening for a buyer who left."""
        self._answered.pop(buyer.open_id, None)


class DouyinSeat:
    """One buyer in 抖音私信. There are no order cards and no ratings here (channels.md §6.1)."""

    def __init__(self, door: DouyinDoor, buyer: Buyer, rng: Random) -> None:
        self._door, self._buyer, self._rng = door, buyer, rng

    async def enter(self, entry: str) -> None:
        who = {"buyer": self._buyer.open_id, "nick_name": self._buyer.name}
        await self._door.do(
            "enter", {**who, **({"objectId": VIDEO_ID} if entry in ("video", "live") else {})}
        )

    async def say(self, say: Say) -> None:
        self._door.answered(self._buyer).clear()
        who = {"buyer": self._buyer.open_id, "nick_name": self._buyer.name}
        if say.kind == "image":
            await self._door.do("messages", {**who, "message_type": "image", "resource_type": "image",
                                             "resource_width": 1080, "resource_height": 1440})  # fmt: skip
        if not self._text(say):
            return
        sent = await self._door.do("messages", {**who, "text": self._text(say)})
        if say.recall_after_s is not None:
            await asyncio.sleep(say.recall_after_s)
            await self._door.do("recall", {**who, "server_message_id": sent["server_message_id"]})

    def _text(self, say: Say) -> str:
        if say.kind == "order_card":
            return f"订单号 {self._buyer.order['order_id']}" if self._buyer.order else ""
        if say.kind == "product_card":
            return f"问下这款：{self._rng.choice(GOODS).title}"
        return say.text

    async def next_answer(self) -> None:
        await self._door.answered(self._buyer).wait()

    async def leave(self, rating: int | None) -> None:
        self._door.forget(self._buyer)


class ShopBooks:
    """The simulated 抖店: buyers order, pay and complain there; every step is pushed to us, signed."""

    def __init__(self, base_url: str) -> None:
        self.http = http_client(base_url)

    async def do(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do one step on the platform and return what it shows."""
        reply = await self.http.post(f"/sim/{path}", json=body or {})
        reply.raise_for_status()
        return dict(reply.json())

    async def order(
        self, buyer: Buyer, rng: Random, *, live_room: tuple[str, str, str] | None
    ) -> dict[str, Any]:
        """Place an order of something; `live_room` is (room, presenter's id, name) while the session is on."""
        good = rng.choice(GOODS)
        spec = rng.choice(good.specs())
        room_id, author_id, author = live_room or ("0", "0", "")
        return await self.do("orders", {
            "product_id": good.product_id, "title": good.title, "spec": spec, "amount_fen": good.price_fen,
            "open_id": buyer.open_id, "mask_receiver": f"{buyer.name[:1]}**", "room_id": room_id,
            "author_id": author_id, "author_name": author, "ship_within_s": 172_800,
        })  # fmt: skip
