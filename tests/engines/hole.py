"""A wire that can turn into a black hole: it takes everything, answers nothing and never closes (F6)."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from sqlalchemy import make_url


class Hole:
    """A TCP port that leads to a server. While it is black, what either side says is thrown away, and who connects
    is let in and hears nothing. Connections that were open when it turned black stay dead for ever."""

    def __init__(self, reach: Callable[[], socket.socket]) -> None:
        self._reach = reach
        self._is_black = False
        self._age = 0
        self._kept: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Hole:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for each in self._kept:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def swallow(self) -> None:
        """Turn black."""
        self._age += 1
        self._is_black = True

    def let_through(self) -> None:
        """Carry new connections again."""
        self._is_black = False

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._kept.append(near)
            if self._is_black:
                continue
            far = self._reach()
            self._kept.append(far)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other, self._age), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, age: int) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                if self._age == age:
                    other.sendall(data)
            if self._age == age:
                other.shutdown(socket.SHUT_WR)


def to_port(port: int) -> Callable[[], socket.socket]:
    """Return how a server on this machine is reached."""
    return lambda: socket.create_connection(("127.0.0.1", port))


def to_postgres(url: str) -> tuple[Callable[[], socket.socket], Callable[[int], str]]:
    """Return how a PostgreSQL in a socket file is reached, and what its URL is behind a port of ours."""
    folder = str(make_url(url).query["host"])

    def reach() -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.connect(f"{folder}/.s.PGSQL.5432")
        return made

    def behind(port: int) -> str:
        near = make_url(url).set(host="127.0.0.1", port=port)
        query = {name: value for name, value in near.query.items() if name != "host"}
        return near.set(query={**query, "sslmode": "disable"}).render_as_string(hide_password=False)

    return reach, behind
