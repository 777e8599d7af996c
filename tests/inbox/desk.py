"""A running desk for tests: real lane, real jobs and pump driven by hand, a channel that obeys the test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from fastapi import FastAPI

from miaohui.app.http import make_app
from miaohui.buyers import routes as buyers_routes
from miaohui.channels.model import (
    GENUINE,
    Account,
    Capabilities,
    ConvState,
    Family,
    HttpReply,
    Inbound,
    Outbound,
    RawRequest,
    Receipt,
    SceneRule,
    SendWindow,
    Verdict,
    decode_inbound,
    encode_inbound,
    read_json,
    send_window,
)
from miaohui.inbox import routes as inbox_routes
from miaohui.inbox.jobs import HANDLERS, pumps
from miaohui.kit import jobs
from miaohui.kit.crypto import Vault
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.http import Caller
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job
from miaohui.shop.actions import add_channel_account
from miaohui.shop.actions.accounts import NewAccount
from tests.door import ALICE_OWNER, Answer, FixedCaller
from tests.people import employ
from tests.world import ALICE, BOB, SHOP_A, World

T = TypeVar("T")
VAULT = Vault(b"k" * 32)
SECRET = "correct"


class ObedientChannel:
    """A platform whose behaviour the test sets: `outcome` is an error to raise, or None. It remembers sends."""

    def __init__(self, channel: str) -> None:
        self.caps = Capabilities(
            channel=channel, name_zh=channel, families=frozenset({Family.CONVERSATIONS}),
            parts_out=frozenset({"text", "image"}), max_text_chars=800, can_lookup=True, can_recall=True,
            can_type=True,
        )  # fmt: skip
        self.rules: tuple[SceneRule, ...] = ()
        self.outcome: BaseException | None = None
        self.accepts_first = False
        self.sent: list[tuple[str, Outbound]] = []
        self.receipt: Receipt | Exception | None = None
        self.recalled: list[str] = []
        self.before_send: Callable[[], Awaitable[None]] | None = None

    def verify(self, raw: RawRequest, account: Account) -> Verdict:
        return GENUINE if raw.headers.get("x-secret") == SECRET else Verdict(False, "secret")

    def handshake(self, raw: RawRequest, account: Account) -> HttpReply | None:
        return HttpReply(200, b"pong") if raw.body == b"ping" else None

    def decode(self, raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
        return tuple(decode_inbound(item) for item in read_json(raw.body))

    def ack(self, ok: bool) -> HttpReply:
        return HttpReply(200, b'{"code":0}')

    def window(self, account: Account, state: ConvState, now: datetime) -> SendWindow:
        return send_window(self.rules, state, now)

    async def send(self, account: Account, out: Outbound, key: str) -> Receipt:
        if self.before_send is not None:
            await self.before_send()
        if self.outcome is None or self.accepts_first:
            self.sent.append((key, out))
        if self.outcome is not None:
            raise self.outcome
        return Receipt(f"platform-{key}")

    async def lookup(self, account: Account, key: str, message_key: str = "") -> Receipt | None:
        return self.receipt

    async def recall(self, account: Account, out: Outbound, message_key: str) -> None:
        self.recalled.append(message_key)

    async def typing(self, account: Account, conversation_key: str, is_typing: bool) -> None:
        return None

    async def mark_read(self, account: Account, conversation_key: str, message_key: str) -> None:
        return None


_APPS: list[FastAPI] = []


def _app(desk: Desk) -> FastAPI:
    """Return the application over this desk; its routes are prepared once for all tests."""
    if not _APPS:
        _APPS.append(make_app(desk.rt, desk.auth, [inbox_routes.router, buyers_routes.router]))
    app = _APPS[0]
    app.state.runtime, app.state.authenticator = desk.rt, desk.auth
    return app


class Desk:
    """A runtime over a world, with one account of an obedient channel."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), folder)
        self.rt.lane.start()
        self.auth = FixedCaller()
        self.app = _app(self)
        self.channel = ObedientChannel("obedient")
        self.rt.ports |= {"vault": VAULT, "channels": {"obedient": self.channel}}
        new = NewAccount("obedient", "测试账号", {}, {"secret": SECRET}, "acc-1")
        account_id = world.write(lambda tx: add_channel_account(tx, VAULT, SHOP_A, new))
        self.account = Account(SHOP_A, account_id, "acc-1", "obedient")
        world.write(lambda tx: employ(tx, ALICE, "owner"))
        world.write(lambda tx: employ(tx, BOB, "agent"))

    def delivery(self, *facts: Inbound) -> bytes:
        """The body of a platform's push."""
        return msgspec.json.encode([encode_inbound(fact) for fact in facts])

    def call(self, method: str, path: str, as_: Caller | None = ALICE_OWNER, **options: Any) -> Answer:
        """Send one request as `as_` (None: not logged in)."""
        reply = self.ask(method, path, as_, **options)
        return Answer(reply.status_code, reply.json() if reply.content else {})

    def ask(self, method: str, path: str, as_: Caller | None = ALICE_OWNER, **options: Any) -> httpx.Response:
        """Send one request and return the answer as it is."""
        self.auth.current = as_
        return asyncio.run(self._ask(method, path, options))

    async def _ask(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)

    def text(self, path: str, **options: Any) -> str:
        """The body of a page, as the owner sees it."""
        return self.ask("GET", path, **options).text

    def pump(self) -> int:
        """Let the pump run once."""
        return self.world.write(pumps(self.rt)[0].step)

    def work(self, rounds: int = 20) -> list[str]:
        """Run due jobs until none is left; return what became of them."""
        return asyncio.run(self._work(rounds))

    async def _work(self, rounds: int) -> list[str]:
        done: list[str] = []
        for _ in range(rounds):
            claimed = await self.rt.write(SYSTEM, lambda tx: jobs.claim(tx.conn, tx.now, "w", 10))
            if not claimed:
                return done
            for row in claimed:
                done.append(await self._one(row))
        return done

    async def _one(self, row: Any) -> str:
        job = Job(row, self.rt)
        try:
            await HANDLERS[row.kind](job, self.rt)
            if not job.finished:
                await job.finish()
            return "done"
        except (Outage, Refusal) as error:
            at = self.rt.clock.now()
            text = str(error)
            await self.rt.write(SYSTEM, lambda tx: jobs.retry(tx.conn, row, at, text))
            return "retry"

    def close(self) -> None:
        self.rt.lane.stop()
        self.rt.readers.shutdown(wait=False)
