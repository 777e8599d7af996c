"""A desk with a real door: the routes of `access` on a running lane, the clock moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
import pyotp
import pytest
from fastapi import APIRouter, Depends, FastAPI
from tests.world import SHOP_A, World

from miaohui.access import actions
from miaohui.access.model import AccessPolicy
from miaohui.access.routes import SessionAuthenticator, router
from miaohui.app.http import make_app
from miaohui.kit.crypto import Vault
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.http import Caller, require
from miaohui.kit.passwords import Cost, Passwords
from miaohui.kit.runtime import Runtime

T = TypeVar("T")
PASSWORD = "seven quiet lanterns"
CHEAP = Passwords(Cost(memory_kib=64, rounds=1))
PASSWORD_HASH = CHEAP.hashed(PASSWORD)
HOST = "https://desk.test"

probe = APIRouter()


@probe.get("/api/probe")
async def who(caller: Annotated[Caller, Depends(require("session"))]) -> dict[str, Any]:
    """Tell what every other room's routes would see."""
    groups = None if caller.group_ids is None else sorted(caller.group_ids)
    return {
        "user_id": caller.user_id, "shop_id": caller.shop_id, "role": caller.role, "ip": caller.ip,
        "permissions": sorted(caller.permissions), "group_ids": groups, "actor": caller.actor.kind,
    }  # fmt: skip


@probe.post("/api/probe")
async def act(caller: Annotated[Caller, Depends(require("inbox.reply"))]) -> dict[str, int]:
    """Change something, as every other room's routes do."""
    return {"shop_id": caller.shop_id}


class Desk:
    """One process: `run` starts the lane, runs a scenario in one event loop, stops the lane."""

    def __init__(self, world: World, folder: Path, policy: AccessPolicy | None = None) -> None:
        self.world, self.folder, self.policy = world, folder, policy or AccessPolicy()
        self.vault = Vault(b"k" * 32)
        self.rt: Runtime
        self.door: SessionAuthenticator
        self.app: FastAPI

    def run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        return asyncio.run(self._run(scenario))

    async def _run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        self.rt, self.door, self.app = self.process()
        await self.rt.doorbell.start()
        self.rt.lane.start()
        try:
            return await scenario()
        finally:
            await asyncio.get_running_loop().run_in_executor(None, self.rt.lane.stop)
            await self.rt.doorbell.stop()
            self.rt.readers.shutdown()

    def process(self) -> tuple[Runtime, SessionAuthenticator, FastAPI]:
        """Return a process on this database; a second one has its own memory and its own doorbell."""
        w = self.world
        rt = Runtime(w.db, w.clock, w.ids, w.rng, w.wiring, Doorbell(), self.folder)
        rt.ports["vault"] = self.vault
        rt.ports["group_ids_of_shop"] = lambda conn, shop_id: {7}
        rt.ports["shop_names"] = lambda conn, ids: {i: f"店铺 {i}" for i in ids}
        door = SessionAuthenticator(rt, self.policy, CHEAP)
        return rt, door, make_app(rt, door, [router, probe])

    def browser(
        self, ip: str = "203.0.113.5", app: FastAPI | None = None, **headers: str
    ) -> httpx.AsyncClient:
        """Return a browser with its own cookies, on our own page."""
        transport = httpx.ASGITransport(app or self.app, raise_app_exceptions=True, client=(ip, 4711))
        return httpx.AsyncClient(
            transport=transport, base_url=HOST, headers={"Origin": HOST, **headers}, cookies=None
        )

    def person(self, login: str, role: str | None = None, shop_id: int = SHOP_A) -> int:
        """Add a person with the usual password, and a role in a shop."""

        def add(tx: Any) -> int:
            user_id = actions.create_user(tx, login, login.title(), PASSWORD_HASH)
            if role is not None:
                actions.grant_role(tx, shop_id, user_id, role)
            return user_id

        return self.world.write(add)

    async def log_in(
        self, login: str, ip: str = "203.0.113.5", app: FastAPI | None = None
    ) -> httpx.AsyncClient:
        """Return a browser that is logged in."""
        browser = self.browser(ip, app)
        answer = await browser.post("/api/session", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser

    def code(self, secret: str, steps: int = 0) -> str:
        """Return the app's code at the desk's time, `steps` steps of 30 s later."""
        return pyotp.TOTP(secret).generate_otp(int(self.world.clock.now().timestamp()) // 30 + steps)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    yield Desk(world, tmp_path)


def code_of(answer: httpx.Response) -> str:
    """Return the error code of a refusal."""
    return str(answer.json()["code"])
