"""What the channel tests share: a loop, real outgoing HTTP to a simulator, accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from doudian import AppType, DouDian

from miaohui.channels.doudian.adapter import Doudian
from miaohui.channels.douyin_im.adapter import DouyinIm
from miaohui.channels.model import Account, Inbound, Outbound, RawRequest, parts
from miaohui.channels.sim.doudian.simulator import DoudianSimulator
from miaohui.channels.sim.douyin_im.simulator import DouyinSimulator
from miaohui.channels.sim.http import Request, Response, Server
from miaohui.channels.sim.timing import SimClock
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.kit.clock import from_ms
from miaohui.kit.egress import Egress

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine to its end, at most 20 seconds."""

    async def limited() -> T:
        async with asyncio.timeout(20):
            return await work

    return asyncio.run(limited())


class SharedClock:
    """Our side's clock, following a simulator's, so that both move together."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock

    def now(self) -> Any:
        return from_ms(self._clock.now_ms())

    def monotonic_s(self) -> float:
        return self._clock.now_ms() / 1000


@dataclass
class Hook:
    """A subscriber that keeps what is pushed to it. `answer(request)` decides what the platform gets back."""

    answer: Callable[[Request], Response]
    requests: list[Request] = field(default_factory=list)
    server: Server | None = None

    async def start(self) -> str:
        async def handle(request: Request) -> Response:
            self.requests.append(request)
            return self.answer(request)

        self.server = Server(handle)
        return f"http://127.0.0.1:{await self.server.start()}/hooks/test"

    async def close(self) -> None:
        if self.server is not None:
            await self.server.close()


@dataclass
class DoudianPair:
    """The simulator, our adapter against it, and the account."""

    sim: DoudianSimulator
    ours: Doudian
    account: Account
    egress: Egress


def doudian_account(sim: DoudianSimulator, **config: Any) -> Account:
    return Account(
        shop_id=101,
        id=7,
        key="random-hook-key",
        channel="doudian",
        config={
            "app_key": sim.app.key,
            "base_url": sim.base_url,
            "platform_shop_id": sim.shop.shop_id,
            **config,
        },
        secrets={"app_secret": sim.app.secret},
    )


async def with_doudian(work: Callable[[DoudianPair], Awaitable[T]], **config: Any) -> T:
    """Run `work` against a fresh simulator."""
    sim = DoudianSimulator()
    port = await sim.start()
    clock = SharedClock(sim.clock)
    egress = Egress(clock, allow=[f"127.0.0.1:{port}"])
    try:
        ours = Doudian(egress, Tokens(MemoryTokens(), clock), clock)
        return await work(DoudianPair(sim, ours, doudian_account(sim, **config), egress))
    finally:
        await egress.close()
        await sim.close()


@dataclass
class DouyinPair:
    """The simulator, our adapter against it, the account, and a hook that keeps what is pushed."""

    sim: DouyinSimulator
    ours: DouyinIm
    account: Account
    egress: Egress
    hook: Hook

    async def told(self) -> list[Inbound]:
        """Return the facts of everything pushed so far, verified and decoded."""
        await self.sim.pusher.idle()
        facts: list[Inbound] = []
        for request in self.hook.requests:
            raw = RawRequest(request.method, request.path, request.headers, request.query, request.body)
            assert self.ours.verify(raw, self.account)
            facts.extend(self.ours.decode(raw, self.account))
        return facts


async def with_douyin(work: Callable[[DouyinPair], Awaitable[T]], **config: Any) -> T:
    """Run `work` against a fresh simulator."""
    sim = DouyinSimulator()
    port = await sim.start()
    clock = SharedClock(sim.clock)
    egress = Egress(clock, allow=[f"127.0.0.1:{port}"])
    hook = Hook(lambda request: Response(200, b"{}"))
    sim.pusher.configure(url=await hook.start(), pause_s=0.01)
    account = Account(
        101, 8, "random-hook-key", "douyin_im",
        {"client_key": sim.client.key, "base_url": sim.base_url, "open_id": sim.inbox.open_id, **config},
        {"client_secret": sim.client.secret, "auth_code": "sim-code"},
    )  # fmt: skip
    try:
        ours = DouyinIm(egress, Tokens(MemoryTokens(), clock), clock)
        return await work(DouyinPair(sim, ours, account, egress, hook))
    finally:
        await egress.close()
        await hook.close()
        await sim.close()


def third_party(sim: DoudianSimulator, secret: str = "") -> DouDian:
    """Return the third-party client, pointed at the simulator."""
    peer = DouDian(sim.app.key, secret or sim.app.secret, AppType.TOOL)
    peer._gate_way, peer._app_type, peer._shop_id = sim.base_url, AppType.SELF, sim.shop.shop_id
    return peer


async def conversation(pair: DouyinPair, buyer: str = "buyer-1"):
    content = pair.sim.inbox.receive({"buyer": buyer, "text": "在吗"})
    return content["conversation_short_id"], content["server_message_id"]


def reply_of(key, message_key, *sent, scene="im_reply_msg", to="buyer-1"):
    return Outbound(key, to, sent or (parts.Text("亲，在的"),), reply_to=message_key, scene=scene)
