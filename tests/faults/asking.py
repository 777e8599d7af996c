"""Asking a server from outside, as a platform, a page or an enemy does; the whole answer, whatever it is."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from miaohui.app.prove import stand
from miaohui.kit.db import Database


@dataclass(frozen=True)
class Answer:
    """`status` 0: nobody answered. `took_s` until the last byte."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    took_s: float = 0.0

    def json(self) -> Any:
        """Return the decoded body."""
        return json.loads(self.body)


def ask(
    port: int,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    limit_s: float = 10.0,
) -> Answer:
    """Send one request and return the answer."""
    made = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers or {})
    started = time.perf_counter()
    try:
        with urllib.request.urlopen(made, timeout=limit_s) as found:
            status, told, content = int(found.status), found.headers, found.read()
    except urllib.error.HTTPError as error:
        status, told, content = error.code, error.headers, error.read()
    except OSError:
        return Answer(0, took_s=time.perf_counter() - started)
    names = {name.lower(): value for name, value in told.items()}
    return Answer(status, names, content, time.perf_counter() - started)


def bearer(where: stand.Stand, number: int = 0) -> dict[str, str]:
    """Return the headers of an agent of the stand; the first one is the supervisor."""
    return {"authorization": f"Bearer {where.tokens[number]}", "content-type": "application/json"}


def as_platform(message_id: str, buyer: int = 1, text: str = "在吗") -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a genuine delivery."""
    body, sign = stand.delivery(message_id, buyer, text, time.time_ns() // 1_000_000)
    return body, {"content-type": "application/json", "msg-id": message_id, "x-douyin-signature": sign}


def deliver(
    port: int, where: stand.Stand, message_id: str, buyer: int = 1, text: str = "在吗", limit_s: float = 10.0
) -> Answer:  # fmt: skip
    """Post one genuine message."""
    body, headers = as_platform(message_id, buyer, text)
    return ask(port, where.hook_path, body, headers, limit_s)


def rows(url: str, sql: str) -> list[Any]:
    """Read from the database of a running server, as tuples."""
    db = Database(url)
    try:
        with db.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(sql)]
    finally:
        db.close()
