"""A small HTTP/1.1 server and client on asyncio: light at start, and able to misbehave on purpose.

Only what the simulators need: a reply may be late, cut in half, or replaced by a reset after the request was
taken; frameworks do not let one do that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_BODY_BYTES = 8_388_608
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests", 500: "Server Error"}


@dataclass(frozen=True)
class Request:
    """One request. Shape: header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object, {} for anything else."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Response:
    """One answer. `delay_s` waits before it; `cut`: '' whole, 'half' stops in the middle, 'reset' no answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: str = ""


def reply(value: Any, status: int = 200) -> Response:
    """Return `value` as a JSON answer."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode())


Handle = Callable[[Request], Awaitable[Response]]


class Server:
    """Serves `handle` on 127.0.0.1; every connection is kept alive until the client leaves."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = {}
        self.port = 0

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen; return the port (a free one for 0)."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=MAX_BODY_BYTES)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def close(self) -> None:
        """Stop listening and drop the open connections."""
        if self._server is None:
            return
        self._server.close()
        serving = [task for task in self._open.values() if task is not None]
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.gather(*serving, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[writer] = asyncio.current_task()
        try:
            while (request := await _read_request(reader)) is not None:
                if not await _write(writer, await self._handle(request)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ValueError):
            pass  # cancelled only when the program ends: there is nothing left to serve
        finally:
            self._open.pop(writer, None)
            writer.close()


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return first, {name.strip().lower(): value.strip() for name, value in pairs}


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        pieces = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(pieces)
    return await reader.readexactly(min(int(headers.get("content-length", 0)), MAX_BODY_BYTES))


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    found = await _read_head(reader)
    if found is None:
        return None
    first, headers = found
    method, target, _ = first.split(" ", 2)
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method, parts.path, query, headers, await _read_body(reader, headers))


async def _write(writer: asyncio.StreamWriter, response: Response) -> bool:
    """Send the answer; return whether the connection goes on."""
    if response.delay_s:
        await asyncio.sleep(response.delay_s)
    if response.cut == "reset":
        reset(writer)
        return False
    head = [
        f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Status')}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    data = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + response.body
    if response.cut == "half":
        writer.write(data[: len(data) - len(response.body) // 2 - 1])
        await writer.drain()
        return False
    writer.write(data)
    await writer.drain()
    return True


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, as a crashed or overloaded peer does."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@dataclass(frozen=True)
class Answer:
    """What the other side answered to `post`; status 0: nothing (see `error`)."""

    status: int
    body: bytes = b""
    error: str = ""


class Poster:
    """POSTs to one address, keeping idle connections."""

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"a simulator pushes to http addresses only, not {url!r}")
        self._host, self._port = parts.hostname, parts.port or 80
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.timeout_s = timeout_s
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one body; never raises for what the other side does."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._post(body, headers)
        except TimeoutError:
            return Answer(0, error="timeout")
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            return Answer(0, error=str(error) or type(error).__name__)

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        pair = self._idle.pop() if self._idle else None
        if pair is None or pair[0].at_eof() or pair[1].is_closing():
            pair = await asyncio.open_connection(self._host, self._port, limit=MAX_BODY_BYTES)
        reader, writer = pair
        try:
            lines = [
                f"POST {self._target} HTTP/1.1",
                f"Host: {self._host}:{self._port}",
                f"Content-Length: {len(body)}",
                *(f"{name}: {value}" for name, value in headers.items()),
            ]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
            await writer.drain()
            found = await _read_head(reader)
            if found is None:
                raise ConnectionResetError("closed without an answer")
            answer = Answer(int(found[0].split(" ")[1]), await _read_body(reader, found[1]))
        except BaseException:
            writer.close()
            raise
        if found[1].get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append(pair)
        return answer

    def close(self) -> None:
        """Drop the idle connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()
