"""The live socket: authorised subscriptions, resume by feed id, resync. `event_stream` is its fallback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.engine import Connection

from miaohui.kit.clock import to_ms
from miaohui.kit.errors import Refusal
from miaohui.kit.http import Caller
from miaohui.kit.live import LiveHub, Subscriber

MAX_TOPICS = 200
MAX_MESSAGE_BYTES = 16_384
STALL_S = 8.0
FRAMES_A_TURN = 16
RECHECK_S = 5.0
router = APIRouter(tags=["live"])
CanSee = Callable[[Connection, Caller, int], bool]


class Hello(msgspec.Struct, tag="hello"):
    since: int | None = None
    topics: list[str] = []
    shop_id: int | None = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    topics: list[str]


class Unsubscribe(msgspec.Struct, tag="unsubscribe"):
    topics: list[str]


class Ping(msgspec.Struct, tag="ping"):
    pass


class Typing(msgspec.Struct, tag="typing"):
    conversation_id: int


class Viewing(msgspec.Struct, tag="viewing"):
    conversation_id: int | None = None


ClientMessage = Hello | Subscribe | Unsubscribe | Ping | Typing | Viewing
_decode = msgspec.json.Decoder(ClientMessage).decode
_encode = msgspec.json.Encoder().encode


def may_subscribe(conn: Connection, caller: Caller, topic: str, can_see: CanSee) -> bool:
    """Tell whether the caller may follow `topic`. Unknown topics are refused: deny by default."""
    name, _, number = topic.partition(":")
    needed = {
        "shop": "inbox.read_all", "board": "routing.manage", "admin": "jobs.read", "trade": "trade.read",
    }  # fmt: skip
    if not number:
        return name in needed and caller.can(needed[name])
    if not number.isdecimal() or len(number) > 16:
        return False
    if name == "agent":
        return int(number) == caller.user_id
    if name == "group":
        in_group = caller.group_ids is None or int(number) in caller.group_ids
        return (
            in_group
            and caller.can("inbox.read")
            and (caller.can("inbox.read_all") or caller.group_ids is not None)
        )
    if name == "conversation":
        return caller.can("inbox.read") and can_see(conn, caller, int(number))
    return False


def own_topics(caller: Caller) -> list[str]:
    """Return the topics that a page follows by itself: one's own, one's groups', what one's rights open."""
    topics = [f"agent:{caller.user_id}"]
    topics += [f"group:{g}" for g in caller.group_ids or ()]
    by_right = (("shop", "inbox.read_all"), ("board", "routing.manage"), ("trade", "trade.read"))
    return topics + [topic for topic, permission in by_right if caller.can(permission)]


def welcome_of(caller: Caller, topics: set[str], last_id: int, now: datetime) -> dict[str, Any]:
    """Return the first word to a page: what it follows, from where on, and the time here."""
    return {
        "type": "welcome", "last_id": last_id, "server_ms": to_ms(now), "topics": sorted(topics),
        "user_id": caller.user_id, "shop_id": caller.shop_id,
    }  # fmt: skip


def rights_of(caller: Caller) -> tuple[frozenset[str], frozenset[int] | None]:
    """Return what a page must know anew when it changes: permissions and groups."""
    groups = None if caller.group_ids is None else frozenset(caller.group_ids)
    return frozenset(caller.permissions), groups


def signal_presence(hub: LiveHub, caller: Caller, conversation_id: int, what: str) -> None:
    """Tell those who follow a conversation that somebody is viewing it, typing in it, or has left it."""
    who = {"user_id": caller.user_id, "name": caller.name}
    frame = _encode({"type": what, "conversation_id": conversation_id, **who})
    hub.signal(caller.shop_id, f"conversation:{conversation_id}", frame)


class LiveSession:
    """One open socket: reads commands, writes frames, checks its rights again every few seconds."""

    def __init__(self, socket: WebSocket, caller: Caller, hub: LiveHub) -> None:
        self.socket, self.caller, self.hub = socket, caller, hub
        self.subscriber = Subscriber(caller.shop_id, caller.user_id)
        self.viewing: int | None = None
        self._line = asyncio.Lock()  # what was missed goes out before what happens now
        self.can_see: CanSee = hub.rt.ports["can_see_conversation"]

    async def run(self) -> None:
        """Serve the socket until it closes, stalls or loses its rights."""
        self.hub.join(self.subscriber)
        tasks = [asyncio.create_task(t) for t in (self._read(), self._write(), self._recheck())]
        try:
            _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await self._view(None)
            self.hub.leave(self.subscriber)
            with contextlib.suppress(RuntimeError):
                await self.socket.close()

    async def _read(self) -> None:
        while True:
            text = await self.socket.receive_text()
            try:
                if len(text) > MAX_MESSAGE_BYTES:
                    raise msgspec.ValidationError("too large")
                await self._handle(_decode(text))
            except (msgspec.ValidationError, msgspec.DecodeError):
                self._send({"type": "error", "code": "live.bad_message"})

    async def _handle(self, message: ClientMessage) -> None:
        match message:
            case Hello():
                await self._hello(message)
            case Subscribe():
                allowed = await self._allowed(message.topics)
                self.hub.subscribe(self.subscriber, allowed)
                self._send({"type": "subscribed", "topics": sorted(allowed), "last_id": self.hub.cursor})
            case Unsubscribe():
                self.hub.unsubscribe(self.subscriber, set(message.topics))
            case Ping():
                await self._note_heartbeat()
                self._send({"type": "pong", "server_ms": to_ms(self.hub.rt.clock.now())})
            case Typing():
                await self._typing(message.conversation_id)
            case Viewing():
                await self._view(message.conversation_id)

    async def _hello(self, message: Hello) -> None:
        wanted = message.topics or own_topics(self.caller)
        allowed = await self._allowed(wanted)
        upto = self.hub.cursor
        self.hub.subscribe(self.subscriber, allowed)
        await self._note_heartbeat()
        welcome = welcome_of(self.caller, allowed, upto, self.hub.rt.clock.now())
        async with self._line:
            await self._send_all([_encode(welcome)])
            if message.since is not None and message.since != upto:
                await self._catch_up(message.since, upto)

    async def _catch_up(self, since: int, upto: int) -> None:
        """Send what was missed, or the word to fetch everything anew. A few do so at a time (F12)."""
        async with self.hub.catching_up:
            missed = None
            if since < upto:
                missed = await self.hub.replay(self.caller.shop_id, self.subscriber.topics, since, upto)
            if missed is None:
                await self._send_all([_encode({"type": "resync", "reason": "gap"})])
            else:
                await self._send_all([event.frame() for event in missed])

    async def _allowed(self, topics: list[str]) -> set[str]:
        room = MAX_TOPICS - len(self.subscriber.topics)
        wanted = list(dict.fromkeys(topics))[: max(0, room)]
        return await self._still_allowed(set(wanted))

    async def _typing(self, conversation_id: int) -> None:
        if f"conversation:{conversation_id}" in self.subscriber.topics and self.caller.can("inbox.reply"):
            self._signal(conversation_id, "typing")
            notify = self.hub.rt.ports.get("agent_typing")
            if notify is not None:
                await notify(self.caller, conversation_id)

    async def _view(self, conversation_id: int | None) -> None:
        before, self.viewing = self.viewing, None
        # Whoever says again that they look has not left: the others would answer, and so on for ever.
        if before is not None and before != conversation_id:
            self._signal(before, "left")
        if conversation_id is not None and f"conversation:{conversation_id}" in self.subscriber.topics:
            self.viewing = conversation_id
            self._signal(conversation_id, "viewing")

    def _signal(self, conversation_id: int, what: str) -> None:
        signal_presence(self.hub, self.caller, conversation_id, what)

    async def _note_heartbeat(self) -> None:
        note = self.hub.rt.ports.get("agent_heartbeat")
        if note is not None:
            await note(self.caller)

    def _send(self, message: dict[str, Any]) -> None:
        self.subscriber.offer(_encode(message))

    async def _write(self) -> None:
        subscriber = self.subscriber
        while True:
            await subscriber.wake.wait()
            subscriber.wake.clear()
            async with self._line:
                while subscriber.frames:
                    waiting = min(len(subscriber.frames), FRAMES_A_TURN)
                    await self._send_all([subscriber.frames.popleft()[1] for _ in range(waiting)])
                if subscriber.lagging:
                    subscriber.lagging = False
                    await self._send_all([_encode({"type": "resync", "reason": "lagging"})])

    async def _send_all(self, frames: list[bytes]) -> None:
        """Send frames, letting others have their turn in between. Raises: TimeoutError when nobody takes them."""
        for start in range(0, len(frames), FRAMES_A_TURN):
            async with asyncio.timeout(STALL_S):
                for frame in frames[start : start + FRAMES_A_TURN]:
                    await self.socket.send_text(frame.decode())
            if start:
                await asyncio.sleep(0)

    async def _recheck(self) -> None:
        """Close when the session was revoked; drop topics that are no longer the caller's."""
        authenticator = self.socket.app.state.authenticator
        while True:
            await asyncio.sleep(RECHECK_S)
            before, self.caller = self.caller, await authenticator.caller_of(self.socket)
            topics = set(self.subscriber.topics)
            self.hub.unsubscribe(self.subscriber, topics - await self._still_allowed(topics))
            if rights_of(before) != rights_of(self.caller):
                self._send({"type": "rights"})

    async def _still_allowed(self, topics: set[str]) -> set[str]:
        def check(conn: Connection) -> set[str]:
            return {t for t in topics if may_subscribe(conn, self.caller, t, self.can_see)}

        return await self.hub.rt.read(check)


@router.websocket("/api/live")
async def live_socket(socket: WebSocket) -> None:
    """Follow the live feed. The session cookie (and Origin) or a bearer token authenticates."""
    try:
        caller = await socket.app.state.authenticator.caller_of(socket)
    except Refusal:
        await socket.close(4401)
        return
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect, TimeoutError, Refusal):
        await LiveSession(socket, caller, socket.app.state.hub).run()


live_socket.permission = "session"  # type: ignore[attr-defined]  # read by the authorisation walk
