"""Clients that never finish: they open, say a little, and then only now and then a byte more."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from typing import Any

KINDS = ("silent", "half head", "half body", "endless head")


class Drippers:
    """Sockets of every kind, fed by one thread; `open_count` tells how many the server still holds."""

    def __init__(self, port: int, path: str, each: int) -> None:
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n"
        starts = {
            "silent": b"",
            "half head": head.encode(),
            "half body": f"{head}\r\n{{".encode(),
            "endless head": head.encode() + b"x-long: ",
        }
        self._open: dict[socket.socket, str] = {}
        self._answers: dict[str, set[bytes]] = {kind: set() for kind in KINDS}
        self._selector = selectors.DefaultSelector()
        for kind in KINDS:
            for _ in range(each):
                made = socket.create_connection(("127.0.0.1", port))
                made.sendall(starts[kind])
                made.setblocking(False)
                self._selector.register(made, selectors.EVENT_READ)
                self._open[made] = kind
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Drippers:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join(5)
        for each in self._open:
            each.close()

    def open_count(self) -> int:
        """Return how many are not closed yet."""
        return len(self._open)

    def answers(self, kind: str) -> set[bytes]:
        """Return how the answers to one kind begin; nothing for a plain close."""
        return self._answers[kind]

    def _live(self) -> None:
        fed_s = time.monotonic()
        while self._open and not self._stop.is_set():
            for key, _ in self._selector.select(0.1):
                self._hear(key.fileobj)  # type: ignore[arg-type]
            if time.monotonic() > fed_s + 1.0:
                fed_s = time.monotonic()
                for each in list(self._open):
                    self._feed(each)

    def _feed(self, each: socket.socket) -> None:
        kind = self._open[each]
        if kind != "silent":
            with contextlib.suppress(OSError):
                each.send(b"x" * (30_000 if kind == "endless head" else 1))

    def _hear(self, each: socket.socket) -> None:
        try:
            data = each.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._answers[self._open[each]].add(data[:12])
        if not data or b"onnection: close" in data:
            self._selector.unregister(each)
            del self._open[each]
            each.close()
