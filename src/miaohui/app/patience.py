"""Connections for an unfriendly network (reliability.md F11, F18).

The head of a request has ten seconds and 64 KiB; the server below waits for ever for the rest of one, and takes
any length. Who does not read what we send is cut off, with whatever was still to be sent: a plain close would
wait for ever as well. Bodies: `app/http.py`.
"""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEAD_WITHIN_S = 10.0
HEAD_LIMIT = 65_536
UNREAD_SOCKET_S = 9.0  # a live socket; its own queue gives up after eight
UNREAD_ANSWER_S = 30.0  # an answer over a slow line
KERNEL_BYTES = 262_144  # what the kernel holds for one socket; by itself it takes up to 4 MB
_LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Unread:
    """Cuts a connection whose other side has taken nothing for too long."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, limit_s: float) -> None:
        self._loop, self._transport, self._limit_s = loop, transport, limit_s
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The buffers are full."""
        self._timer = self._timer or self._loop.call_later(self._limit_s, self._transport.abort)

    def end(self) -> None:
        """They are not any more, or the connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class PatientSocket(WebSocketsSansIOProtocol):
    """A WebSocket that is cut when nobody reads it, and holds little for who reads slowly."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._unread = _Unread(self.loop, transport, UNREAD_SOCKET_S)
        if (line := transport.get_extra_info("socket")) is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unread.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self._unread.begin()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread.end()
        super().resume_writing()


class PatientProtocol(HttpToolsProtocol):
    """A connection whose every request must say in time what it wants; one that says nothing is closed too."""

    _timer: asyncio.TimerHandle | None = None
    _is_in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._unread = _Unread(self.loop, transport, UNREAD_ANSWER_S)
        self._timer = self.loop.call_later(HEAD_WITHIN_S, self._refuse, b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._unread.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self._unread.begin()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread.end()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT:
            self._refuse(_LARGE)
        elif self._head_bytes == len(data):  # the first piece of a head, and not the last one
            self._stop_timer()
            self._timer = self.loop.call_later(HEAD_WITHIN_S, self._refuse, _LATE)

    def on_message_begin(self) -> None:
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, answer: bytes) -> None:
        self._stop_timer()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
