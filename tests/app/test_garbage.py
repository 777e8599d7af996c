"""No 5xx on garbage (reliability.md R7): hostile values in every field, parameter and header; one shape of errors."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from miaohui.channels.model import Account
from miaohui.channels.web_widget.visitor import Visitor, issue_token
from miaohui.kit.errors import REFUSALS
from miaohui.kit.randomness import secret_token
from tests.app.calls import CALLS, PATH, Call, Ref, fill
from tests.app.matrix import TALLY, Matrix, Route, each_call, query_names, shown, told_all
from tests.app.twins import PNG

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
    path = re.sub(r"{(\w+)}", lambda m: str(_own(matrix, call, m[1])), route.path)
    head = {**headers, "content-type": "application/json"}
    return await matrix.client.request(route.method, path, content=content, headers=head)


def _own(matrix: Matrix, call: Call, name: str) -> Any:
    return fill(call.path.get(name, PATH.get(name)), matrix.a.ids)


def owner(matrix: Matrix) -> dict[str, str]:
    return matrix.a.headers("owner")


def asked(matrix: Matrix) -> list[Route]:
    """The routes that are walked: all but those by which the one who walks would log out."""
    return [route for route in matrix.guarded if route.key not in LEAVES]


# ---- bodies


def _hostile_bodies(matrix: Matrix, per_place: int) -> Iterator[tuple[Route, Call, tuple[Any, ...], str]]:
    chance = random.Random(7)
    for route, call in each_call(asked(matrix)):
        for place in places_of(call.body) if call.body is not None else ():
            for raw in chance.sample(HOSTILE, min(per_place, len(HOSTILE))):
                yield route, call, place, raw


def _walk_bodies(matrix: Matrix, per_place: int) -> int:
    async def walk() -> int:
        problems, count = [], 0
        for route, call, place, raw in _hostile_bodies(matrix, per_place):
            body = fill(call.body, matrix.a.ids)
            answer = await send(matrix, route, call, with_raw(body, place, raw), owner(matrix))
            count += 1
            if (problem := judged(answer, f"{route.key} {place} = {raw[:60]}", logged_in=True)) is not None:
                problems.append(problem)
        assert not problems, told_all(problems)
        TALLY.add("hostile values in bodies", count)
        return count

    return matrix.run(walk())


def test_hostile_values_in_every_field_of_every_body(matrix: Matrix) -> None:
    assert _walk_bodies(matrix, 5) > 800


@pytest.mark.proof
def test_every_hostile_value_in_every_field_of_every_body(matrix: Matrix) -> None:
    assert _walk_bodies(matrix, len(HOSTILE)) > 7_000


def test_bodies_that_are_no_bodies(matrix: Matrix) -> None:
    async def walk() -> None:
        problems = []
        chance = random.Random(8)
        for route, call in each_call([r for r in asked(matrix) if r.method != "GET"]):
            for body in chance.sample(BODIES, 6):
                answer = await send(matrix, route, call, body, owner(matrix))
                TALLY.add("bodies that are none")
                if (problem := judged(answer, f"{route.key} {body[:40]!r}", logged_in=True)) is not None:
                    problems.append(problem)
        assert not problems, told_all(problems)

    matrix.run(walk())


@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:20]) for body in BODIES])
def test_each_of_them_is_refused_by_the_log_in(matrix: Matrix, body: bytes) -> None:
    async def ask() -> None:
        answer = await matrix.client.post(
            "/api/session", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 422, shown(answer)
        assert judged(answer, "log-in") is None

    matrix.run(ask())


# ---- addresses, queries, headers


def address(matrix: Matrix, route: Route, call: Call, **other: str) -> str:
    """Return a route's address with the shop's own ids, or with `other` in their places."""
    return re.sub(r"{(\w+)}", lambda m: other.get(m[1]) or str(_own(matrix, call, m[1])), route.path)


async def in_addresses(matrix: Matrix, route: Route, call: Call, chance: random.Random) -> list[str | None]:
    body = fill(call.body, matrix.a.ids) if call.body is not None else None
    found = []
    for name in route.params:
        for text in chance.sample(TEXTS, 5):
            path = address(matrix, route, call, **{name: text})
            answer = await matrix.client.request(route.method, path, json=body, headers=owner(matrix))
            TALLY.add("hostile addresses")
            found.append(judged(answer, f"{route.method} {path[:80]}", logged_in=True))
    return found


async def in_queries(matrix: Matrix, route: Route, call: Call, chance: random.Random) -> list[str | None]:
    found = []
    for name in query_names(route) if route.method == "GET" else ():
        for text in chance.sample([*TEXTS, "\0", "\ud800".encode("utf-8", "surrogatepass")], 6):
            known = {**fill(call.query, matrix.a.ids), name: text}
            path = address(matrix, route, call)
            answer = await matrix.client.get(path, params=_query(known), headers=owner(matrix))
            TALLY.add("hostile queries")
            found.append(judged(answer, f"{route.key} ?{name}={text!r:.60}", logged_in=True))
    return found


def test_hostile_values_in_every_address_and_every_query(matrix: Matrix) -> None:
    async def walk() -> None:
        problems: list[str | None] = []
        chance = random.Random(9)
        for route, call in each_call([r for r in asked(matrix) if not r.path.endswith("/stream")]):
            problems += await in_addresses(matrix, route, call, chance)
            problems += await in_queries(matrix, route, call, chance)
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)

    matrix.run(walk())


def _query(values: dict[str, Any]) -> bytes:
    from urllib.parse import quote_from_bytes

    return "&".join(
        f"{name}={quote_from_bytes(value if isinstance(value, bytes) else str(value).encode())}"
        for name, value in values.items()
    ).encode()


DIGITS = ["²", "٣", "１２", "9" * 17, "9" * 5_000, "-1", "1.0", "1_000", " 1", "0x10", "+1"]


@pytest.mark.parametrize("digits", DIGITS, ids=[d[:8] for d in DIGITS])
def test_what_looks_like_digits_is_no_server_error(matrix: Matrix, digits: str) -> None:
    """`'²'.isdigit()` is true and `int('²')` fails."""

    async def ask() -> None:
        quoted = _query({"x": digits}).decode().removeprefix("x=")
        raw = digits.encode()[:4_000]
        head = owner(matrix)
        asks = [
            ("GET", f"/files/{quoted}/a.png?e={quoted}&s=x", {}),
            ("GET", f"/files/1/a.png?e={quoted}&s=x", {}),
            ("GET", f"/api/webhooks/{matrix.a.ids['endpoint']}/deliveries?cursor={quoted}", head),
            ("GET", f"/api/buyers?cursor={quoted}", head),
            ("GET", f"/api/clocks?cursor={quoted}.{quoted}", head),
            ("GET", f"/api/orders?cursor={quoted}-{quoted}", head),
            ("GET", f"/api/conversations?cursor={quoted}.{quoted}.{quoted}.{quoted}", head),
            ("GET", f"/api/deliveries?cursor={quoted}", head),
            ("GET", f"/api/agents?cursor={quoted}", head),
            ("GET", f"/api/users?cursor={quoted}", head),
            ("GET", f"/api/imports?cursor={quoted}", head),
            ("GET", f"/api/audit?cursor={quoted}", head),
            ("GET", f"/api/queue?cursor={quoted}_{quoted}", head),
            ("GET", "/api/shop", {**head, "x-miaohui-shop": raw}),
            ("GET", f"/api/shop?shop={quoted}", head),
            ("POST", "/hooks/widget/none", {"content-length": raw}),
            ("GET", "/api/shop", {**head, "content-length": raw}),
        ]
        problems = []
        for method, path, headers in asks:
            answer = await _raw(matrix, method, path, headers)
            TALLY.add("digits")
            problems.append(judged(answer, f"{method} {path[:60]} {str(headers)[-60:]}"))
        talk = f"/api/conversations/{matrix.a.ids['conversation']}"
        part = {"type": "image", "blob_id": digits, "mime": "image/png", "name": "a.png"}
        reply = {"client_id": "client-digits-1", "text": "", "parts": [part]}
        for path, body in ((f"{talk}/messages", reply), (f"{talk}/draft", {"parts": [part], "version": 1})):
            method = "POST" if path.endswith("messages") else "PUT"
            answer = await matrix.client.request(method, path, json=body, headers=head)
            problems.append(judged(answer, path) or (None if answer.status_code == 404 else shown(answer)))
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)

    matrix.run(ask())


async def _raw(matrix: Matrix, method: str, path: str, headers: dict[str, Any]) -> httpx.Response:
    raw = [(n.encode(), v if isinstance(v, bytes) else v.encode()) for n, v in headers.items()]
    return await matrix.client.request(method, path, headers=raw)


def test_the_event_stream_takes_any_last_event_id(matrix: Matrix) -> None:
    route = next(r for r in matrix.guarded if r.path.endswith("/stream"))

    async def ask() -> None:
        for text in ("²", "9" * 30, "-1", "", "NaN"):
            headers = {**owner(matrix), "last-event-id": text.encode()}
            answer = await matrix.ask(
                route, Call(query={"topics": "agent:²,conversation:٣"}), matrix.a, headers
            )
            assert (answer.status_code, b"welcome" in answer.content) == (200, True), text
            TALLY.add("digits")

    matrix.run(ask())


def test_floods_of_headers_cookies_and_parameters(matrix: Matrix) -> None:
    async def ask() -> None:
        head = owner(matrix)
        floods: list[dict[str, str]] = [
            {f"x-flood-{n}": "y" * 50 for n in range(500)},
            {"cookie": "; ".join(f"c{n}=v" for n in range(3_000))},
            {"cookie": head["cookie"] + "; " + "x" * 60_000},
            {"accept-language": "zh," * 20_000},
            {"authorization": "Bearer mh_" + "x" * 60_000},
            {"authorization": "Basic " + "x" * 100},
            {"authorization": ""},
            {"content-type": "multipart/form-data"},
            {"content-type": "multipart/form-data; boundary=" + "b" * 5_000},
            {"content-type": "application/json; charset=utf-16"},
            {"content-encoding": "gzip"},
            {"x-forwarded-for": "1," * 5_000},
            {"range": "bytes=0-" + ",0-" * 2_000},
            {"host": "evil.example"},
            {"x-miaohui-shop": "1; DROP TABLE"},
        ]
        problems = []
        for flood in floods:
            for method, path in (("GET", "/api/conversations"), ("POST", "/api/labels"), ("GET", "/healthz")):
                answer = await _raw(matrix, method, path, {**head, **flood})
                TALLY.add("floods")
                problems.append(judged(answer, f"{method} {path} {str(flood)[:60]}"))
        many = "&".join(f"a{n}={n}" for n in range(5_000))
        answer = await matrix.client.get(f"/api/conversations?{many}", headers=head)
        problems.append(judged(answer, "many parameters"))
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)

    matrix.run(ask())


# ---- uploads


def _zip(count: int, size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for n in range(count):
            file.writestr(f"xl/worksheets/sheet{n}.xml", b"0" * size)
    return made.getvalue()


BOMB = _zip(4, 20_000_000)
FILES = [
    ("ok.png", PNG), ("", PNG), ("../../../etc/passwd", PNG), ("..\\..\\boot.ini", PNG), ("a\0b.png", PNG),
    ("\u202egnp.exe", PNG), ("长" * 300 + ".png", PNG), ("a.png", b""), ("a.png", b"MZ\x90\x00" + b"\0" * 200),
    ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), ("a.html", b"<html><script>1</script>"),
    ("a.png", PNG[:20]), ("a.zip", BOMB), ("a.xlsx", BOMB), ("a.xlsx", b"PK\x03\x04" + b"\xff" * 500),
    ("a.csv", "主订单编号,子订单编号\n".encode("utf-16")), ("a.csv", b"\x00" * 5_000), ("a.csv", b'"' * 5_000),
    ("a.csv", ("," * 20_000 + "\n").encode() * 3), ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    ("a.html", b"<table>" * 2_000), ("a.csv", b"=1+1,=cmd|' /C calc'!A0\n1,2\n"), ("a.txt", b"\xff\xfe\xfd"),
    ("a.gz", b"\x1f\x8b\x08" + b"\0" * 100), ("a.pdf", b"%PDF-1.7\n%\xff"), ("a.json", b"[" * 10_000),
    ("a.csv", b"1" * 400_000), ("a.xlsx", _zip(1, 10)),
]  # fmt: skip


def visitor(matrix: Matrix) -> str:
    """Return the token of a visitor who is new each time, so that nobody is paced.

    Of shop B: what is sent to shop A's routes above changes its account's key.
    """
    shop = matrix.b
    key = {"signing_key": f"{shop.mark}-secret"}
    account = Account(shop.id, shop.ids["account"], f"key-{shop.mark}", "widget", {}, key)
    return issue_token(account, Visitor(secret_token(12), "访客"), matrix.process.clock.now())


@pytest.mark.parametrize(("name", "data"), FILES, ids=[f"{n}-{f[0][:12]!r}" for n, f in enumerate(FILES)])
def test_hostile_files(matrix: Matrix, name: str, data: bytes) -> None:
    """Bombs, names with paths in them, types that are not what they say."""
    talk = f"/api/conversations/{matrix.a.ids['conversation']}/attachments"

    async def ask() -> None:
        problems = []
        for path in (talk, "/api/imports/uploads", f"/widget/key-{matrix.b.mark}/uploads"):
            files = {"file": (name, data, "image/png")}
            headers = {**owner(matrix), "x-miaohui-visitor": visitor(matrix)}
            answer = await matrix.client.post(path, files=files, headers=headers)
            TALLY.add("files")
            assert answer.status_code not in (401, 429), shown(answer)
            problems.append(judged(answer, path))
            if answer.status_code == 201 and path == talk:
                kept = answer.json()["name"]
                if set(kept) & set("/\\\0\u202e") or kept.startswith(".") or len(kept) > 120:
                    problems.append(f"kept as {kept!r}")
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)
        outside = [p for p in matrix.process.settings.data_dir.parent.iterdir() if "passwd" in p.name]
        assert outside == []

    matrix.run(ask())


def test_multipart_bodies_that_are_none(matrix: Matrix) -> None:
    path = f"/api/conversations/{matrix.a.ids['conversation']}/attachments"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    bodies = [
        b"", b"--b", b"--b--", part, part + PNG, part * 3_000, b"\0" * 100, part.replace(b"\r\n", b"\n") + b"x\n--b--",
        b"--b\r\n" + b"X: y\r\n" * 10_000 + b"\r\nz\r\n--b--", part.replace(b'"file"', b'"other"') + b"x\r\n--b--",
        part.replace(b"a.png", b"\xff\xfe") + b"x\r\n--b--\r\n",
    ]  # fmt: skip

    async def ask() -> None:
        problems = []
        for body in bodies:
            head = {**owner(matrix), "content-type": "multipart/form-data; boundary=b"}
            answer = await matrix.client.post(path, content=body, headers=head)
            TALLY.add("multipart")
            problems.append(judged(answer, repr(body[:60])))
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)

    matrix.run(ask())


def test_bodies_over_the_limit_are_refused_with_413(matrix: Matrix) -> None:
    async def ask() -> None:
        for path, size in (
            ("/api/labels", 1_000_001), ("/hooks/widget/x", 1_000_001), ("/api/session", 1_000_001),
            (f"/api/conversations/{matrix.a.ids['conversation']}/attachments", 20_000_001),
        ):  # fmt: skip
            answer = await matrix.client.post(path, content=b"x" * size, headers=owner(matrix))
            assert (answer.status_code, answer.json()["code"]) == (413, "kit.too_large"), path
            TALLY.add("too large")

    matrix.run(ask())


def test_the_values_named_here_are_all_used() -> None:
    assert (
        len(HOSTILE) == len(set(HOSTILE))
        and len(CALLS) > 190
        and any(isinstance(v, Ref) for v in PATH.values())
    )
