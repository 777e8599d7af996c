"""Clients that write and agents that answer, in a process of their own; they insist until they are answered."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from miaohui.app.prove import stand

BUYERS = 400
TEXTS = (
    "这款能便宜吗",
    "今天能发货吗",
    "到哪了",
    "我要退款",
    "穿什么码",
    "有运费险吗",
    "直播间价多少",
    "怎么还不发",
)


class Connection:
    """One keep-alive connection that comes back by itself."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, raw: bytes) -> tuple[int, bytes]:
        """Send one request and return (status, body); (0, b'') when nobody answered."""
        try:
            async with asyncio.timeout(10):
                if self._writer is None:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
                assert self._reader is not None
                self._writer.write(raw)
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(ln[15:]) for ln in head.lower().split(b"\r\n") if ln.startswith(b"content-length:")),
                    0,
                )
                body = await self._reader.readexactly(length) if length else b""
                return int(head[9:12]), body
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            self.close()
            await asyncio.sleep(0.02)
            return 0, b""

    def close(self) -> None:
        """Drop the connection."""
        if self._writer is not None:
            with contextlib.suppress(Exception):
                self._writer.close()
        self._writer = self._reader = None


def drive(port: int, where: stand.Stand, clients: int, wanted: int, stop: Event, done: str) -> None:
    """Run the load until `stop` is set and `wanted` are acknowledged; write what was told to `done`."""
    told: dict[str, Any] = {"acked": [], "accepted": [], "re_sent": 0}
    asyncio.run(_drive(port, where, clients, wanted, (stop, told)))
    Path(done).write_text(json.dumps(told))


async def _drive(
    port: int, where: stand.Stand, clients: int, wanted: int, state: tuple[Event, dict[str, Any]]
) -> None:
    stop, told = state
    crowd = _Crowd(port, where, told, lambda: stop.is_set() and len(told["acked"]) >= wanted)
    await asyncio.gather(*(crowd.buyer(n) for n in range(clients)), *(crowd.agent(n) for n in range(2)))


@dataclass
class _Crowd:
    port: int
    where: stand.Stand
    told: dict[str, Any]
    is_over: Callable[[], bool]

    async def buyer(self, number: int) -> None:
        """Write one message after another, each until it is acknowledged."""
        connection, n = Connection(self.port), 0
        while not self.is_over():
            n += 1
            message_id, now_ms = f"m-{number}-{n}", time.time_ns() // 1_000_000
            who = (number * 7919 + n * 31) % BUYERS
            body, sign = stand.delivery(message_id, who, TEXTS[n % len(TEXTS)], now_ms)
            await self._insist(connection, stand.request(self.where.hook_path, body, message_id, sign))
            self.told["acked"].append(message_id)

    async def _insist(self, connection: Connection, raw: bytes) -> None:
        while (status := (await connection.send(raw))[0]) != 200:
            self.told["re_sent"] += 1
            if status:
                await asyncio.sleep(0.05)

    async def agent(self, number: int) -> None:
        """Answer what is open, each reply until the server answers."""
        connection, n, token = Connection(self.port), 0, self.where.tokens[number]
        while not self.is_over():
            talks = await _get(connection, "/api/conversations?box=open&limit=20", token)
            for talk in (talks or {}).get("items", [])[:5]:
                n += 1
                client_id = f"r-{number}-{n:06d}"
                if await _reply(connection, token, int(talk["id"]), client_id, self.is_over):
                    self.told["accepted"].append(client_id)
            await asyncio.sleep(0.2)


async def _get(connection: Connection, path: str, token: str) -> dict[str, Any] | None:
    raw = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode()
    status, body = await connection.send(raw)
    return json.loads(body) if status == 200 else None


async def _reply(connection: Connection, token: str, talk: int, client_id: str, is_over: Any) -> bool:
    """Send one reply until it is answered; the text is the client id, so that the platform's list names it."""
    body = json.dumps({"client_id": client_id, "text": client_id}).encode()
    head = (
        f"POST /api/conversations/{talk}/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    while not is_over():
        status, _ = await connection.send(head.encode() + body)
        if status == 202:
            return True
        if status:
            return False
    return False


def answer(port: int, where: stand.Stand, stop: Event, done: str, agents: int = 3) -> None:
    """Let agents answer whoever waits until `stop` is set; write the accepted client ids to `done`.

    A fifth of the replies is posted twice with the same client id, as a browser does after a lost answer.
    """
    told: dict[str, Any] = {"accepted": [], "posted_twice": 0}
    asyncio.run(_answer(port, where, agents, stop, told))
    Path(done).write_text(json.dumps(told))


async def _answer(port: int, where: stand.Stand, agents: int, stop: Event, told: dict[str, Any]) -> None:
    async def agent(number: int) -> None:
        connection, n, token = Connection(port), 0, where.tokens[number]
        while not stop.is_set():
            talks = await _get(connection, "/api/conversations?box=open&limit=50", token)
            waiting = [one for one in (talks or {}).get("items", []) if one["last_role"] == "buyer"]
            for talk in waiting[number::agents][:8]:
                n += 1
                client_id = f"r-{number}-{n:06d}"
                if await _reply(connection, token, int(talk["id"]), client_id, stop.is_set):
                    told["accepted"].append(client_id)
                if n % 5 == 0:
                    told["posted_twice"] += 1
                    await _reply(connection, token, int(talk["id"]), client_id, stop.is_set)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(agent(n) for n in range(agents)))
