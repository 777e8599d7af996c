"""A real HTTP server on the loopback, for tests of what goes out."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.world import NOON

from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Ask, Egress, Reply

Answer = Callable[["Visit"], Awaitable[None]]


class Visit:
    """One request as a local server got it: raw head, body, and the wire to answer on."""

    def __init__(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.head, self.body, self.writer = head.decode(), body, writer

    def header(self, name: str) -> str:
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return ""

    async def answer(self, body: bytes = b"{}", status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode() + body)
        await self.writer.drain()


class Server:
    """A real HTTP server on the loopback that answers as the test says and remembers every visit."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.port = 0


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Any:
    server = Server()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                visit = Visit(head, b"", writer)
                visit.body = await reader.readexactly(int(visit.header("content-length") or 0))
                server.visits.append(visit)
                await answer(visit)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


async def ok(visit: Visit) -> None:
    await visit.answer(b'{"a": 1}')


def post(url: str, **changes: Any) -> Ask:
    return Ask(
        **{"method": "POST", "url": url, "system": "测试", "content": b"hello", "limit_s": 5.0, **changes}
    )


async def exchange(answer: Answer, **changes: Any) -> tuple[Reply, Server]:
    """Send one request to a listed local server."""
    async with serving(answer) as server:
        egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{server.port}"])
        try:
            return await egress.send(post(f"http://127.0.0.1:{server.port}/x", **changes)), server
        finally:
            await egress.close()
