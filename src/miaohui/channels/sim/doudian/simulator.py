"""The simulated 抖店 as one thing that can be started: API, pushes, control."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from miaohui.channels.sim import faults
from miaohui.channels.sim.control import Control
from miaohui.channels.sim.doudian import signing
from miaohui.channels.sim.doudian.api import Api, App, encode_batch
from miaohui.channels.sim.doudian.shop import Shop
from miaohui.channels.sim.http import Answer, Request, Response, Server, reply
from miaohui.channels.sim.pusher import Envelope, Pusher
from miaohui.channels.sim.timing import SimClock

APP_KEY, APP_SECRET, SHOP_ID = "7012345678901234567", "sim-secret-0001", "4463798"


class DoudianSimulator:
    """Start with `await start(port)`; `port`, `base_url` and `pusher` are for whoever drives it."""

    def __init__(
        self,
        key: str = APP_KEY,
        secret: str = APP_SECRET,
        shop_ids: Sequence[str] = (SHOP_ID,),
        seed: int = 1,
    ) -> None:
        self.clock, self.faults = SimClock(), faults.Faults()
        self.pusher = Pusher(self._seal, _is_ack)
        self._serial = 0
        shops = {
            shop_id: Shop(shop_id, self.clock.now_s, self._announce, seed + at)
            for at, shop_id in enumerate(shop_ids)
        }
        self.app = App(key, secret, shops)
        self.api = Api(self.app, self.clock.now_s)
        self.control = Control(self.clock, self.faults, self.pusher)
        self.server = Server(self.handle)

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def shop(self) -> Shop:
        """The first shop."""
        return next(iter(self.app.shops.values()))

    async def start(self, port: int = 0) -> int:
        """Listen; return the port."""
        return await self.server.start(port)

    async def close(self) -> None:
        """Stop pushing and listening."""
        self.pusher.close()
        await self.server.close()

    def describe(self) -> dict[str, Any]:
        """Return address and account."""
        return {
            "simulator": "doudian", "base_url": self.base_url, "app_key": self.app.key,
            "app_secret": self.app.secret, "shop_ids": list(self.app.shops),
        }  # fmt: skip

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.path.startswith("/sim/"):
            return self.control.answer(request) or self._control(request)
        fault = self.faults.take(request.path)
        early = faults.before(fault)
        if early is not None:
            return early
        return faults.after(self.api.answer(request, fault is not None and fault.mode == "limit"), fault)

    def _announce(self, tag: str, data: dict[str, Any]) -> None:
        self._serial += 1
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        self.pusher.push({"tag": tag, "msg_id": f"{7_000_000_000_000_000_000 + self._serial}", "data": text})

    def _seal(self, events: Sequence[Any]) -> Envelope:
        body = encode_batch(list(events))
        headers = {
            "Content-Type": "application/json",
            "app-id": self.app.key,
            "event-sign": signing.pushed(self.app.secret, self.app.key, body),
            "User-Agent": "doudian-sim",
        }
        return Envelope(body, headers, tuple(event["msg_id"] for event in events))

    def _control(self, request: Request) -> Response:
        names = request.path.removeprefix("/sim/").strip("/").split("/")
        given = request.json()
        shop = self.app.shops.get(str(given.get("shop_id", self.shop.shop_id)), self.shop)
        try:
            return reply(self._do(names, given, shop))
        except (KeyError, ValueError, TypeError) as error:
            return reply({"error": f"{type(error).__name__}: {error}"}, 400)

    def _do(self, names: list[str], given: dict[str, Any], shop: Shop) -> Any:
        match names:
            case ["orders"]:
                return shop.create_order(given)
            case ["orders", order_id, step]:
                return shop.advance_order(order_id, step, given)
            case ["aftersales"]:
                return shop.create_aftersale(given)
            case ["aftersales", aftersale_id, step]:
                return shop.advance_aftersale(aftersale_id, step, given)
            case ["tickets"]:
                return shop.create_ticket(given)
            case ["messages"]:
                self._announce(str(given["tag"]), given["data"])
                return {"ok": True}
            case _:
                return self._look(names, given)

    def _look(self, names: list[str], given: dict[str, Any]) -> Any:
        match names:
            case ["app"]:
                self.app.denied = set(given.get("denied", self.app.denied))
                self.app.token_life_s = int(given.get("token_life_s", self.app.token_life_s))
                self.app.codes |= given.get("codes", {})
                return {"denied": sorted(self.app.denied), "token_life_s": self.app.token_life_s}
            case ["received"]:
                return {"items": self.api.log[-1000:], "count": len(self.api.log)}
            case ["state"]:
                return {
                    shop_id: {"orders": shop.orders, "aftersales": shop.aftersales, "tickets": shop.tickets}
                    for shop_id, shop in self.app.shops.items()
                }
        raise KeyError("/".join(names))


def _is_ack(answer: Answer) -> bool:
    """The platform counts a push as received when the answer is 200 with `code` 0."""
    if answer.status != 200:
        return False
    try:
        return bool(json.loads(answer.body).get("code") == 0)
    except (ValueError, AttributeError):
        return False
