"""The connectors that are connected now, and the commands that wait for their results.

Transport-neutral: `serve` runs one connection over anything that can receive and send text. It owns no table;
what must last is stored by `ingest` before the connector gets its acknowledgement.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from miaohui.channels.bridge import protocol
from miaohui.channels.model import Account, RawRequest, read_json, text_id
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.randomness import secret_hex

HELLO_WITHIN_S = 10.0
Ingest = Callable[[Account, RawRequest], Awaitable[None]]
FindAccount = Callable[[str], Awaitable[Account | None]]


class Socket(Protocol):
    """One open WebSocket."""

    async def receive(self) -> str | None:
        """Return the next text, None when the other side is gone."""

    async def send(self, text: str) -> None:
        """Send a text. Raises: OSError (ConnectionError) when the other side is gone."""

    async def close(self, code: int, reason: str) -> None:
        """Close; closing twice is harmless."""


class Offline(Exception):
    """No connector is connected: the command did not go out."""


@dataclass(eq=False)
class Link:
    """One authenticated connection."""

    account: Account
    hello: protocol.Hello
    socket: Socket
    waiting: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)


class BridgeHub:
    """Holds at most one connection for each bridge account: a newer one replaces the older."""

    def __init__(self, heartbeat_s: float = protocol.HEARTBEAT_S) -> None:
        self._links: dict[tuple[int, str], Link] = {}
        self._seen: dict[tuple[int, str, str], int] = {}
        self._heartbeat_s = heartbeat_s

    def is_online(self, account: Account) -> bool:
        """Tell whether a connector of this account is connected."""
        return _name(account) in self._links

    def seats(self, account: Account) -> dict[str, str]:
        """Return the platform's seats and their states as the connector last told them."""
        link = self._links.get(_name(account))
        return dict(link.seats) if link else {}

    async def serve(self, socket: Socket, find_account: FindAccount, ingest: Ingest) -> None:
        """Run one connection until it ends.

        `ingest(account, raw)` must store the event durably before it returns; Refusals skip the event for good,
        an Outage ends the connection so that the connector sends it again.
        """
        link = await self._greet(socket, find_account)
        if link is None:
            return
        name = _name(link.account)
        older = self._links.get(name)
        self._links[name] = link
        if older is not None:
            await older.socket.close(protocol.CLOSE_REPLACED, "replaced")
        try:
            stream = (*name, link.hello.stream)
            await socket.send(protocol.encode(protocol.welcome(self._seen.get(stream, 0))))
            await self._listen(link, ingest)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            if self._links.get(name) is link:
                del self._links[name]
            for future in link.waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the connector left"))
                    future.exception()

    async def command(
        self, account: Account, frame: Mapping[str, Any], timeout_s: float = protocol.COMMAND_TIMEOUT_S
    ) -> dict[str, Any]:  # fmt: skip
        """Send a command and return its result frame.

        Raises: Offline (not sent); TimeoutError or ConnectionError (sent, nobody knows what became of it).
        """
        link = self._links.get(_name(account))
        if link is None:
            raise Offline(account.key)
        cmd_id = str(frame["cmd_id"])
        future = link.waiting.get(cmd_id)
        if future is None or future.done():
            future = asyncio.get_running_loop().create_future()
            link.waiting[cmd_id] = future
        try:
            await link.socket.send(protocol.encode(frame))
            async with asyncio.timeout(timeout_s):
                return await asyncio.shield(future)
        finally:
            if link.waiting.get(cmd_id) is future:
                del link.waiting[cmd_id]

    async def push(self, account: Account, target: str, frame: Mapping[str, Any]) -> int:
        """Send a frame that wants no answer; return 1 when it went out."""
        link = self._links.get(_name(account))
        if link is None:
            return 0
        with contextlib.suppress(OSError):
            await link.socket.send(protocol.encode(frame))
            return 1
        return 0

    async def _greet(self, socket: Socket, find_account: FindAccount) -> Link | None:
        nonce = secret_hex(16)
        try:
            await socket.send(protocol.encode(protocol.challenge(nonce)))
            async with asyncio.timeout(HELLO_WITHIN_S):
                text = await socket.receive()
        except (OSError, TimeoutError):
            await socket.close(protocol.CLOSE_AUTH, "no hello")
            return None
        hello = protocol.hello_of(_parsed(text))
        account = await find_account(hello.bridge_id) if hello is not None else None
        if hello is None or account is None or not protocol.is_authentic(hello, account, nonce):
            await socket.close(protocol.CLOSE_AUTH, "not authentic")
            return None
        return Link(account, hello, socket)

    async def _listen(self, link: Link, ingest: Ingest) -> None:
        silent_s = self._heartbeat_s * protocol.MISSED_HEARTBEATS
        while True:
            try:
                async with asyncio.timeout(silent_s):
                    text = await link.socket.receive()
            except TimeoutError:
                await link.socket.close(protocol.CLOSE_SILENT, "no heartbeat")
                return
            if text is None:
                return
            frame = _parsed(text)
            if not isinstance(frame, Mapping) or not isinstance(frame.get("type"), str):
                await link.socket.close(protocol.CLOSE_PROTOCOL, "not a frame")
                return
            if not await self._take(link, frame, text, ingest):
                return

    async def _take(self, link: Link, frame: Mapping[str, Any], text: str, ingest: Ingest) -> bool:
        kind = frame["type"]
        if kind == "heartbeat":
            await link.socket.send(protocol.encode({"type": "heartbeat"}))
        elif kind in protocol.RESULTS or kind == "cmd.result":
            _settle(link, frame)
            if kind in protocol.RESULTS and isinstance(frame.get("seq"), int):
                return await self._store(link, frame, text, ingest)
        elif kind == "agent.state":
            agent = frame.get("agent")
            if isinstance(agent, Mapping):
                link.seats[text_id(agent.get("id"))] = text_id(frame.get("state"))
            return await self._store(link, frame, text, ingest)
        else:
            return await self._store(link, frame, text, ingest)
        return True

    async def _store(self, link: Link, frame: Mapping[str, Any], text: str, ingest: Ingest) -> bool:
        """Store one event and acknowledge it; return whether the connection goes on."""
        seq = frame.get("seq")
        if isinstance(seq, bool) or not isinstance(seq, int) or seq < 1:
            await link.socket.close(protocol.CLOSE_PROTOCOL, "no seq")
            return False
        raw = RawRequest(
            "POST", f"/bridge/{link.account.key}", {"x-bridge-session": link.hello.stream}, {}, text.encode()
        )
        try:
            await ingest(link.account, raw)
        except Outage:
            await link.socket.close(protocol.CLOSE_BUSY, "try again")
            return False
        except Refusal as refusal:
            if refusal.kind.status == 503:
                await link.socket.close(protocol.CLOSE_BUSY, "try again")
                return False
            await link.socket.send(protocol.encode(protocol.nack(seq, refusal.code)))
            return True
        stream = (*_name(link.account), link.hello.stream)
        self._seen[stream] = max(seq, self._seen.get(stream, 0))
        await link.socket.send(protocol.encode(protocol.ack(seq)))
        return True


def _settle(link: Link, frame: Mapping[str, Any]) -> None:
    future = link.waiting.get(text_id(frame.get("cmd_id")))
    if future is not None and not future.done():
        future.set_result(dict(frame))


def _parsed(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return read_json(text, protocol.MAX_FRAME_BYTES)
    except Refusal:
        return None


def _name(account: Account) -> tuple[int, str]:
    return account.shop_id, account.key
