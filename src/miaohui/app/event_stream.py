"""The live feed as server-sent events, for networks that let no WebSocket through: the same rights, the same events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.engine import Connection

from miaohui.app.live import (
    MAX_TOPICS,
    RECHECK_S,
    CanSee,
    may_subscribe,
    own_topics,
    rights_of,
    signal_presence,
    welcome_of,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import Refusal
from miaohui.kit.http import Caller, require
from miaohui.kit.live import LiveHub, Subscriber
from miaohui.kit.waiting import heard

router = APIRouter(tags=["live"])
_encode = msgspec.json.Encoder().encode


@router.get("/api/live/stream", operation_id="live_stream", summary="实时事件流（SSE 备用通道）")
async def live_stream(
    request: Request,
    caller: Annotated[Caller, Depends(require("session"))],
    topics: Annotated[str, Query(max_length=4000, description="逗号分隔的主题；空为自己的全部主题")] = "",
    since: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    viewing: Annotated[int | None, Query(ge=1, lt=2**53, description="正在看的会话，同事会看到")] = None,
) -> StreamingResponse:
    """Follow the live feed as server-sent events; `Last-Event-ID` resumes."""
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() and len(last) < 17 else since
    wanted = [t for t in topics.split(",") if t][:MAX_TOPICS] or own_topics(caller)
    subscriber = Subscriber(caller.shop_id, caller.user_id)
    stream = EventStream(request, request.app.state.hub, subscriber, caller)
    allowed = await stream.allowed(set(wanted))
    stream.viewing = viewing if f"conversation:{viewing}" in allowed else None
    return StreamingResponse(
        stream.run(allowed, start), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@dataclass
class EventStream:
    """One open stream. It asks again every few seconds whether its reader still has the right to it."""

    request: Request
    hub: LiveHub
    subscriber: Subscriber
    caller: Caller
    viewing: int | None = None

    async def allowed(self, topics: set[str]) -> set[str]:
        """Return which of the topics the reader may follow."""
        can_see: CanSee = self.hub.rt.ports["can_see_conversation"]
        caller = self.caller

        def check(conn: Connection) -> set[str]:
            return {topic for topic in topics if may_subscribe(conn, caller, topic, can_see)}

        return await self.hub.rt.read(check)

    async def run(self, topics: set[str], since: int | None) -> AsyncIterator[bytes]:
        """Give what was missed and what happens, until the reader leaves or loses the session."""
        self.hub.join(self.subscriber)
        try:
            upto = self.hub.cursor
            self.hub.subscribe(self.subscriber, topics)
            welcome = welcome_of(self.caller, topics, upto, self.hub.rt.clock.now())
            yield b"retry: 2000\n" + _sse(None, _encode(welcome))
            async for frame in self._missed(topics, since, upto):
                yield frame
            yield self._pong(upto)
            self._view("viewing")
            async for frame in self._news():
                yield frame
        finally:
            self._view("left")
            self.hub.leave(self.subscriber)

    def _view(self, what: str) -> None:
        if self.viewing is not None:
            signal_presence(self.hub, self.caller, self.viewing, what)

    def _pong(self, upto: int | None = None) -> bytes:
        """Say that the line is alive; with `upto`, that everything up to there was given."""
        return _sse(upto, _encode({"type": "pong", "server_ms": to_ms(self.hub.rt.clock.now())}))

    async def _missed(self, topics: set[str], since: int | None, upto: int) -> AsyncIterator[bytes]:
        if since is None or since == upto:
            return
        missed = None
        if since < upto:
            missed = await self.hub.replay(self.subscriber.shop_id, topics, since, upto)
        if missed is None:
            yield _sse(upto, _encode({"type": "resync", "reason": "gap"}))
        for event in missed or ():
            yield _sse(event.id, event.frame())

    async def _news(self) -> AsyncIterator[bytes]:
        subscriber, clock = self.subscriber, self.hub.rt.clock
        checked_s = clock.monotonic_s()
        while True:
            await heard(subscriber.wake, RECHECK_S)
            subscriber.wake.clear()
            if clock.monotonic_s() - checked_s >= RECHECK_S:
                if not await self._recheck():
                    return
                checked_s = clock.monotonic_s()
                yield self._pong()
            for frame in self._waiting():
                yield frame

    def _waiting(self) -> list[bytes]:
        """Return what waits in the queue."""
        subscriber, found = self.subscriber, []
        if subscriber.lagging:
            subscriber.lagging = False
            found.append(_sse(self.hub.cursor, _encode({"type": "resync", "reason": "lagging"})))
        while subscriber.frames:
            event_id, frame = subscriber.frames.popleft()
            found.append(_sse(event_id or None, frame))
        return found

    async def _recheck(self) -> bool:
        """Drop topics that are no longer the reader's; False when the session is over."""
        try:
            before, self.caller = (
                self.caller,
                await self.request.app.state.authenticator.caller_of(self.request),
            )
        except Refusal:
            return False
        topics = set(self.subscriber.topics)
        self.hub.unsubscribe(self.subscriber, topics - await self.allowed(topics))
        if rights_of(before) != rights_of(self.caller):
            self.subscriber.offer(_encode({"type": "rights"}))
        return True


def _sse(event_id: int | None, frame: bytes) -> bytes:
    return (b"" if event_id is None else b"id: %d\n" % event_id) + b"data: " + frame + b"\n\n"
