"""A door for route tests: the real HTTP edge over a test world, with callers that the test names.

`door.call("PUT", "/api/…", as_=BOSS, json={…})` answers (status, body); nothing here mocks our own code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, Request

from miaohui.access.model import ROLES
from miaohui.app.http import make_app
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.errors import UNAUTHENTICATED
from miaohui.kit.http import Caller
from miaohui.kit.runtime import Runtime
from tests.world import ALICE, BOB, CHARLIE, SHOP_A, SHOP_B, World


def caller(user_id: int, role: str, shop_id: int = SHOP_A, group_ids: Sequence[int] | None = None) -> Caller:
    """Return an authenticated person of a shop."""
    groups = None if group_ids is None else frozenset(group_ids)
    return Caller(user_id, shop_id, role, f"u{user_id}", ROLES[role], groups)


ALICE_OWNER = caller(ALICE, "owner")
BOB_AGENT = caller(BOB, "agent")
CHARLIE_OUTSIDER = caller(CHARLIE, "owner", SHOP_B)


class FixedCaller:
    """An authenticator that answers with the caller the test chose."""

    def __init__(self) -> None:
        self.current: Caller | None = None

    async def caller(self, request: Request) -> Caller:
        return self.current if self.current is not None else UNAUTHENTICATED.refuse()


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))


class Door:
    """The rooms' routes over `world`, one request at a time."""

    def __init__(self, world: World, *routers: APIRouter) -> None:
        self.world, self.auth = world, FixedCaller()
        self.rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
        self.rt.lane.start()
        self.app = make_app(self.rt, self.auth, routers)

    def call(self, method: str, path: str, as_: Caller | None = ALICE_OWNER, **options: Any) -> Answer:
        """Send one request as `as_` (None: not logged in)."""
        self.auth.current = as_
        return asyncio.run(self._call(method, path, options))

    async def _call(self, method: str, path: str, options: dict[str, Any]) -> Answer:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            reply = await client.request(method, path, **options)
        return Answer(reply.status_code, reply.json() if reply.content else {})

    def close(self) -> None:
        self.rt.lane.stop()
        self.rt.readers.shutdown(wait=False)
