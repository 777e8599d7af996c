"""What becomes of orders on the simulated platform: paid, shipped, signed for, asked back, arbitrated."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from random import Random
from typing import Any

import httpx
import structlog

from miaohui.app.sim.catalogue import CARRIERS
from miaohui.app.sim.doors import Buyer, ShopBooks
from miaohui.app.sim.visits import nickname

log = structlog.get_logger()
FIRST_ORDERS = 18
ORDERS_PER_HOUR = 16.0  # 300 orders a day and more make a key account (spec §1.3); the rest comes from talks
KEEP = 400
REASONS = ("尺码不合适", "与描述不符", "质量问题", "不喜欢/效果不好", "少件/漏发")


class OrderLives:
    """Moves orders on in the background. Times are for a demo: minutes instead of days, divided by `speed`."""

    def __init__(self, books: ShopBooks, speed: float, rng: Random) -> None:
        self.books, self.speed, self.rng = books, speed, rng
        self._orders: list[dict[str, Any]] = []
        self._names: dict[str, str] = {}
        self._lives: set[asyncio.Task[None]] = set()

    def recent(self) -> list[dict[str, Any]]:
        """Return the orders that buyers may ask about, newest last."""
        return self._orders[-KEEP:]

    def name_of(self, order: dict[str, Any]) -> str:
        """Return the name of an order's buyer."""
        return self._names.get(order["open_id"], "买家")

    async def run(self) -> None:
        """Fill the books a little, then let somebody order now and then, for ever."""
        for _ in range(FIRST_ORDERS):
            await self._quietly(self.place(self._stranger(), is_old=True))
        while True:
            await asyncio.sleep(self.rng.expovariate(ORDERS_PER_HOUR * self.speed / 3600.0))
            await self._quietly(self.place(self._stranger()))

    def _stranger(self) -> Buyer:
        return Buyer(f"_000{self.rng.randbytes(12).hex()}", nickname(self.rng))

    async def _quietly(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            log.warning("orders.step_failed", error=f"{type(error).__name__}: {error}"[:200])

    async def place(
        self, buyer: Buyer, *, live_room: tuple[str, str, str] | None = None, is_old: bool = False
    ) -> None:
        """Place an order and let it live: old ones are on their way already."""
        order = await self.books.order(buyer, self.rng, live_room=live_room)
        self._orders.append(order)
        self._names[buyer.open_id] = buyer.name
        if is_old:
            await self.books.do(f"orders/{order['order_id']}/paid")
            if self.rng.random() < 0.6:
                await self._ship(order["order_id"])
        self._start(self._live(order["order_id"], is_old))

    async def ask_back(self, order_id: str, *, is_angry: bool) -> None:
        """Open an after-sale; angry buyers call the platform in sooner or later. Orders of the past are unknown
        to the simulated platform and are left."""
        if not any(order["order_id"] == order_id for order in self._orders):
            return
        body = {
            "order_id": order_id,
            "type": self.rng.choice((0, 0, 1, 3)),
            "reason": self.rng.choice(REASONS),
        }
        row = await self.books.do("aftersales", body)
        self._start(self._settle(row["aftersale_info"]["aftersale_id"], is_angry))

    def _start(self, life: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(life))
        self._lives.add(task)
        task.add_done_callback(self._lives.discard)

    async def _wait(self, low_s: float, high_s: float) -> None:
        await asyncio.sleep(self.rng.uniform(low_s, high_s) / self.speed)

    async def _live(self, order_id: str, is_old: bool) -> None:
        if not is_old:
            await self._wait(5, 40)
            if self.rng.random() < 0.08:
                await self.books.do(f"orders/{order_id}/cancelled", {"reason": "不想要了"})
                return
            await self.books.do(f"orders/{order_id}/paid")
            await self._wait(240, 1_500)
            await self._ship(order_id)
        await self._wait(1_200, 5_400)
        with contextlib.suppress(httpx.HTTPStatusError):
            await self.books.do(f"orders/{order_id}/completed")

    async def _ship(self, order_id: str) -> None:
        code, name, prefix = self.rng.choice(CARRIERS)
        number = f"{prefix}{self.rng.randrange(10**12, 10**13)}"
        body = {"tracking_no": number, "company": code, "company_name": name}
        await self.books.do(f"orders/{order_id}/shipped", body)

    async def _settle(self, aftersale_id: str, is_angry: bool) -> None:
        await self._wait(120, 600)
        steps = ["refused", "arbitrate_applied", "evidence_wanted", "evidence_given", "concluded"]
        if not (is_angry and self.rng.random() < 0.5):
            steps = ["return_agreed", "goods_returned", "refund_agreed", "refunded"]
        for step in steps:
            await self.books.do(f"aftersales/{aftersale_id}/{step}")
            await self._wait(60, 400)
