"""Simulated buyers: they come by the demand curve, write through the real doors, wait, get angry, say thanks, buy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import httpx
import structlog

from miaohui.app.sim.catalogue import LIVE_ROOM_ID, PRESENTER
from miaohui.app.sim.demand import FIRST_AT_S, Demand, LiveWindow
from miaohui.app.sim.demo_file import DemoFile
from miaohui.app.sim.doors import Buyer, DouyinDoor, Seat, ShopBooks
from miaohui.app.sim.lines import load_lines
from miaohui.app.sim.orders import OrderLives
from miaohui.app.sim.visits import Moment, Say, Visit, new_visit, nickname
from miaohui.app.sim.widget import WidgetDoor
from miaohui.kit.clock import from_ms

log = structlog.get_logger()
MAX_VISITS = 120
RETURNING, WITH_ORDER, BY_WIDGET = 0.3, 0.55, 0.45
BUYS_AFTER = 0.4
ASKS_MONEY_BACK = 0.4
ENTRIES = {Moment.LIVE: "live", Moment.PRE_SALE: "product", Moment.ORDER: "order", Moment.AFTER_SALE: "order"}


class Crowd:
    """All buyers of one demo."""

    def __init__(self, demo: DemoFile, started_at: datetime) -> None:
        live = LiveWindow(from_ms(demo.live_start_ms), from_ms(demo.live_end_ms))
        self.demo, self.rng = demo, Random(demo.seed)
        self.demand = Demand(demo.scenario, started_at, live, demo.speed)
        self.douyin = DouyinDoor(demo.douyin_im_url)
        self.widget = WidgetDoor(demo.base_url, demo.widget_key)
        self.orders = OrderLives(ShopBooks(demo.doudian_url), demo.speed, Random(demo.seed + 1))
        self.lines = load_lines()
        self._visits: set[asyncio.Task[None]] = set()
        self._present: set[str] = set()
        self._come = 0

    async def run(self) -> None:
        """Send buyers for ever."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        helpers = [asyncio.create_task(one) for one in (self.douyin.run(), self.orders.run())]
        try:
            for at in self.demand.arrivals(self.rng):
                await asyncio.sleep(max(0.0, started_s + at - loop.time()))
                if len(self._visits) < MAX_VISITS:
                    self._send_in(self.demand.is_live(loop.time() - started_s))
        finally:
            for task in (*helpers, *self._visits):
                task.cancel()

    def _send_in(self, is_live: bool) -> None:
        rng = Random(self.rng.random())
        buyer = self._somebody(rng)
        visit = new_visit(self.lines, rng, is_live=is_live, has_order=buyer.order is not None)
        task = asyncio.create_task(self._attend(buyer, visit, is_live, rng))
        self._visits.add(task)
        task.add_done_callback(self._visits.discard)

    def _somebody(self, rng: Random) -> Buyer:
        """Return a buyer who is not here already: somebody with an order, a returning one, or a new one."""
        ordered = [order for order in self.orders.recent() if order["open_id"] not in self._present]
        if ordered and rng.random() < WITH_ORDER:
            order = rng.choice(ordered)
            return Buyer(order["open_id"], self.orders.name_of(order), order)
        past = [one for one in self.demo.past if one.open_id not in self._present]
        if past and rng.random() < RETURNING:
            one = rng.choice(past)
            bought = {"order_id": one.order_numbers[0], "open_id": one.open_id} if one.order_numbers else None
            return Buyer(one.open_id, one.name, bought)
        return Buyer(f"_000{rng.randbytes(12).hex()}", nickname(rng))

    async def _attend(self, buyer: Buyer, visit: Visit, is_live: bool, rng: Random) -> None:
        self._present.add(buyer.open_id)
        try:
            seat = await self._seat(buyer, visit, rng)
            try:
                await seat.enter(ENTRIES[visit.moment])
                await self._talk(seat, visit, self._haste())
            finally:
                await seat.leave(visit.rating)
            await self._afterwards(buyer, visit, is_live, rng)
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            log.warning("buyers.visit_broken", error=f"{type(error).__name__}: {error}"[:200])
        finally:
            self._present.discard(buyer.open_id)

    def _haste(self) -> float:
        """Return how slowly this buyer types: the very first ones are quick, so that a newcomer sees a message
        within five seconds."""
        self._come += 1
        return 0.12 if self._come <= len(FIRST_AT_S) // 2 else 1.0

    async def _seat(self, buyer: Buyer, visit: Visit, rng: Random) -> Seat:
        """Return a door: the chat window for some, 抖音私信 for most; live visitors come from 抖音."""
        if visit.moment is not Moment.LIVE and rng.random() < BY_WIDGET:
            return await self.widget.seat(buyer, rng)
        return self.douyin.seat(buyer, rng)

    async def _talk(self, seat: Seat, visit: Visit, pace: float) -> None:
        await _say_all(seat, visit.opening(), pace)
        while not visit.is_over:
            try:
                async with asyncio.timeout(visit.waits_until()):
                    await seat.next_answer()
            except TimeoutError:
                said = visit.waited()
                if said is not None:
                    await seat.say(said)
                continue
            await _say_all(seat, visit.answered())

    async def _afterwards(self, buyer: Buyer, visit: Visit, is_live: bool, rng: Random) -> None:
        """Let some buy and some ask for their money back, on the platform."""
        was_served = visit.complaints == 0
        if visit.moment in (Moment.LIVE, Moment.PRE_SALE) and was_served and rng.random() < BUYS_AFTER:
            room = (LIVE_ROOM_ID, *PRESENTER) if is_live else None
            await self.orders.place(buyer, live_room=room)
        if visit.moment is Moment.AFTER_SALE and buyer.order and rng.random() < ASKS_MONEY_BACK:
            await self.orders.ask_back(buyer.order["order_id"], is_angry=not was_served)


async def _say_all(seat: Seat, says: Sequence[Say], pace: float = 1.0) -> None:
    for say in says:
        await asyncio.sleep(say.after_s * pace)
        await seat.say(say)


async def play(demo: DemoFile) -> None:
    """Play the buyers of a demo until cancelled."""
    crowd = Crowd(demo, datetime.now(UTC))
    with contextlib.suppress(asyncio.CancelledError):
        await crowd.run()
