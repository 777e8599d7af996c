"""Hostile values, how they are sent, and what is wrong with an answer to them (reliability.md R7, F10)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

from miaohui.kit.errors import REFUSALS
from tests.app.calls import PATH, Call, fill
from tests.app.matrix import Matrix, Route, shown

LEAVES = {"DELETE /api/session", "DELETE /api/sessions", "DELETE /api/sessions/{session_id}"}
SHAPE = {"code", "message", "message_en", "detail", "trace_id"}
# Each is sent as it stands here: no JSON library of ours would write some of them.
HOSTILE = [
    "null", "true", "-1", "0", "1e400", "-0.0", "NaN", "Infinity", "9223372036854775807", "9223372036854775808",
    "9007199254740993", "123456789012345678901234567890", "1" * 400, "[]", "{}", '""', '" "', '"\\u0000"',
    '"\\ud800"', '"\\udfff\\ud800"', '"²"', '"٣"', '"１２"', '"2026-13-45"', '"0000-00-00T00:00:00Z"',
    '"9999-12-31T23:59:59.999999Z"', '"-1"', '"\\u202egnp.exe"', '"\\u200b\\u200b"', '"' + "长" * 30_000 + '"',
    '"' + "👨‍👩‍👧‍👦" * 2_000 + '"', '"Z̸̢̛͖͓̗͕̾̇̀͆a̷̱͉͋l̶̗̏g̴̨̛͓ö̶́"', '"\'; DROP TABLE inbox_messages; --"', '"%s%n%x{0}${jndi:x}"',
    '"../../../etc/passwd"', '[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]', '{"a":{"b":{"c":{}}}}', '[null,null,null]',
    '{"__proto__":1,"id":2}', '"\\r\\nSet-Cookie: a=b"',
]  # fmt: skip
BODIES = [
    b"", b"null", b"[]", b'"text"', b"0", b"{", b'{"a":1', b"\xff\xfe{}", b'{"a":"\xc3\x28"}', b"\x00", b"{}garbage",
    b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 5_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, b"[" * 60_000,
    "﻿{}".encode(), b'{"\\ud800":1}',
]  # fmt: skip
TEXTS = [
    "²", "-1", "0", "9" * 30, "1" * 5_000, "1e5", "nan", "%00", "%ff", "..%2f..%2f", "%F0%9F%92%A9", "a b", "'", "null",
    "9007199254740993", "１２", "٣",
]  # fmt: skip


def judged(answer: httpx.Response, what: str, *, logged_in: bool = False) -> str | None:
    """Return what is wrong with an answer to garbage, or None."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{what}: {shown(answer)}"
    if logged_in and answer.status_code == 401 and answer.json()["code"] == "kit.unauthenticated":
        return f"{what}: not logged in any more, this tells nothing"
    if answer.status_code < 400:
        return None
    try:
        body = answer.json()
    except ValueError:
        return f"{what}: not JSON: {shown(answer)}"
    if set(body) != SHAPE or body["code"] not in REFUSALS or not isinstance(body["detail"], dict):
        return f"{what}: {shown(answer)}"
    return None


def places_of(template: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the place of every value in a body, the whole of it included."""
    yield at
    if isinstance(template, dict):
        for key, value in template.items():
            yield from places_of(value, (*at, key))
    elif isinstance(template, list):
        for n, value in enumerate(template):
            yield from places_of(value, (*at, n))


def with_raw(body: Any, place: tuple[Any, ...], raw: str) -> bytes:
    """Return the body as JSON with `raw` at one place, unchecked."""
    if not place:
        return raw.encode("utf-8", "surrogatepass")
    mark = "@@here@@"

    def put(value: Any, rest: tuple[Any, ...]) -> Any:
        if not rest:
            return mark
        if isinstance(value, dict):
            return {k: put(v, rest[1:]) if k == rest[0] else v for k, v in value.items()}
        return [put(v, rest[1:]) if n == rest[0] else v for n, v in enumerate(value)]

    return json.dumps(put(body, place)).replace(f'"{mark}"', raw).encode("utf-8", "surrogatepass")


async def send(
    matrix: Matrix, route: Route, call: Call, content: bytes, headers: dict[str, str]
) -> httpx.Response:
    path = re.sub(r"{(\w+)}", lambda m: str(own(matrix, call, m[1])), route.path)
    head = {**headers, "content-type": "application/json"}
    return await matrix.client.request(route.method, path, content=content, headers=head)


def own(matrix: Matrix, call: Call, name: str) -> Any:
    return fill(call.path.get(name, PATH.get(name)), matrix.a.ids)


def owner(matrix: Matrix) -> dict[str, str]:
    return matrix.a.headers("owner")


def asked(matrix: Matrix) -> list[Route]:
    """The routes that are walked: all but those by which the one who walks would log out."""
    return [route for route in matrix.guarded if route.key not in LEAVES]


def address(matrix: Matrix, route: Route, call: Call, **other: str) -> str:
    """Return a route's address with the shop's own ids, or with `other` in their places."""
    return re.sub(r"{(\w+)}", lambda m: other.get(m[1]) or str(own(matrix, call, m[1])), route.path)


def quoted_query(values: dict[str, Any]) -> bytes:
    from urllib.parse import quote_from_bytes

    return "&".join(
        f"{name}={quote_from_bytes(value if isinstance(value, bytes) else str(value).encode())}"
        for name, value in values.items()
    ).encode()
