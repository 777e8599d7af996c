"""A person's log-in over the public API: the only way in which simulated colleagues touch the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

PING_EVERY_S = 15.0


class Refused(Exception):
    """The server said no. `code` as in the API's one error shape."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def http_client(base_url: str) -> httpx.AsyncClient:
    """Return a client for a server on this machine: no proxies of the environment, modest patience."""
    return httpx.AsyncClient(
        base_url=base_url,
        trust_env=False,
        timeout=20.0,
        headers={"x-miaohui-csrf": "1", "user-agent": "miaohui-sim"},
    )


async def until_ready(base_url: str, path: str = "/healthz", patience_s: float = 120.0) -> None:
    """Wait until the server answers. Raises: TimeoutError."""
    async with asyncio.timeout(patience_s), http_client(base_url) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(path)).status_code < 500:
                    return
            await asyncio.sleep(0.3)


class Person:
    """Somebody who is logged in, or logs in again when the session is over."""

    def __init__(self, base_url: str, login: str, password: str) -> None:
        self.login, self._password, self._base_url = login, password, base_url
        self.http = http_client(base_url)
        self.user_id = 0

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def log_in(self) -> None:
        """Open a session. Raises: Refused."""
        found = await self._send("POST", "/api/session", {"login": self.login, "password": self._password})
        self.user_id = int(found["user_id"])

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send one request and return its JSON; a session that is over is opened again once. Raises: Refused."""
        try:
            return await self._send(method, path, body, query)
        except Refused as refused:
            if refused.status != 401:
                raise
        await self.log_in()
        return await self._send(method, path, body, query)

    async def _send(self, method: str, path: str, body: Any = None, query: Any = None) -> Any:
        reply = await self.http.request(method, path, json=body, params=query or None)
        if reply.status_code >= 400:
            try:
                code = str(reply.json().get("code", ""))
            except ValueError:
                code = ""
            raise Refused(reply.status_code, code)
        return reply.json() if reply.content else None

    async def follow(self, on_event: Callable[[dict[str, Any]], None]) -> None:
        """Follow the live socket for ever; `on_event` gets each event, and `{"type": "resync"}` after a gap."""
        pause_s = 0.5
        while True:
            try:
                await self._listen(on_event)
                pause_s = 0.5
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(pause_s)
                pause_s = min(10.0, pause_s * 2)
            on_event({"type": "resync"})

    async def _listen(self, on_event: Callable[[dict[str, Any]], None]) -> None:
        parts = urlsplit(self._base_url)
        address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/api/live"
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        headers = {"cookie": cookies, "x-miaohui-csrf": "1"}
        async with connect(
            address, additional_headers=headers, origin=None, proxy=None, open_timeout=10
        ) as socket:
            await socket.send('{"type":"hello"}')
            beat = asyncio.create_task(self._beat(socket))
            try:
                async for frame in socket:
                    on_event(msgspec.json.decode(frame))
            finally:
                beat.cancel()

    async def _beat(self, socket: Any) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            await socket.send('{"type":"ping"}')
