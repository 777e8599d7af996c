"""No 5xx on garbage in addresses, queries and headers; digits that are none (R7, F10, F18)."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from tests.app.calls import Call, fill
from tests.app.garbage import (
    TEXTS,
    address,
    asked,
    judged,
    owner,
    quoted_query,
)
from tests.app.matrix import TALLY, Matrix, Route, each_call, query_names, shown, told_all

# ---- addresses, queries, headers


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
            answer = await matrix.client.get(path, params=quoted_query(known), headers=owner(matrix))
            TALLY.add("hostile queries")
            found.append(judged(answer, f"{route.key} ?{name}={text!r:.60}", logged_in=True))
    return found


def test_hostile_values_in_every_address_and_everyquoted_query(matrix: Matrix) -> None:
    async def walk() -> None:
        problems: list[str | None] = []
        chance = random.Random(9)
        for route, call in each_call([r for r in asked(matrix) if not r.path.endswith("/stream")]):
            problems += await in_addresses(matrix, route, call, chance)
            problems += await in_queries(matrix, route, call, chance)
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)

    matrix.run(walk())


DIGITS = ["²", "٣", "１２", "9" * 17, "9" * 5_000, "-1", "1.0", "1_000", " 1", "0x10", "+1"]


def places_for_digits(matrix: Matrix, quoted: str, raw: bytes) -> list[tuple[str, str, dict[str, Any]]]:
    """Return where a number is read by hand: links, cursors, headers."""
    head = owner(matrix)
    return [
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


@pytest.mark.parametrize("digits", DIGITS, ids=[d[:8] for d in DIGITS])
def test_what_looks_like_digits_is_no_server_error(matrix: Matrix, digits: str) -> None:
    """`'²'.isdigit()` is true and `int('²')` fails."""

    async def ask() -> None:
        quoted = quoted_query({"x": digits}).decode().removeprefix("x=")
        raw = digits.encode()[:4_000]
        head = owner(matrix)
        asks = places_for_digits(matrix, quoted, raw)
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
