"""Where a simulated platform keeps what buyers send: addresses that end after a while."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from miaohui.channels.sim.http import Request, Response


@dataclass(frozen=True)
class Kept:
    """One file. `until_s` is when its address ends, None never. `moved_to`: it is somewhere else now."""

    data: bytes
    media_type: str
    until_s: int | None = None
    moved_to: str = ""


class MediaHouse:
    """Files by unguessable name; `asked` counts the calls of each."""

    def __init__(self, now_s: Callable[[], int]) -> None:
        self._now_s = now_s
        self._kept: dict[str, Kept] = {}
        self.asked: dict[str, int] = {}

    def put(self, kept: Kept) -> str:
        """Keep a file; return its path."""
        path = f"/media/{secrets.token_hex(12)}"
        self._kept[path] = kept
        return path

    def take(self, given: dict[str, Any]) -> dict[str, str]:
        """Keep a file that the control API brings: `base64`, `media_type`, `life_s`."""
        life = given.get("life_s")
        until = None if life is None else self._now_s() + int(life)
        return {"path": self.put(Kept(base64.b64decode(given["base64"]), str(given["media_type"]), until))}

    def answer(self, request: Request) -> Response:
        """Return a file, 403 when its address has ended, 404 when there is none."""
        self.asked[request.path] = self.asked.get(request.path, 0) + 1
        kept = self._kept.get(request.path)
        if kept is None:
            return Response(404, b"not found", "text/plain")
        if kept.moved_to:
            return Response(302, b"", "text/plain", {"Location": kept.moved_to})
        if kept.until_s is not None and self._now_s() >= kept.until_s:
            return Response(403, b"Request has expired", "text/plain")
        return Response(200, kept.data, kept.media_type)
