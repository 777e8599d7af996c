"""Cross-site requests and sockets (R10, R24; ASVS 3.5.1–3.5.3, 4.4.2)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from tests.access.conftest import PASSWORD, Desk, code_of
from tests.world import SHOP_A, SHOP_B

from miaohui.access import actions
from miaohui.access.model import AccessPolicy
from miaohui.kit.errors import Refusal

OWN, FOREIGN = "https://desk.test", "https://evil.test"


CHANGES: list[tuple[dict[str, str], bool]] = [
    ({}, False),
    ({"origin": OWN}, True),
    ({"origin": "https://DESK.test"}, True),
    ({"origin": "https://desk.test:443"}, True),
    ({"sec-fetch-site": "same-origin"}, True),
    ({"x-miaohui-csrf": "1"}, True),
    ({"x-miaohui-csrf": ""}, False),
    ({"origin": FOREIGN}, False),
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
    ({"origin": "http://desk.test"}, False),
    ({"origin": "https://desk.test:8443"}, False),
    ({"origin": "https://desk.test.evil.test"}, False),
    ({"origin": "https://evil.test/desk.test"}, False),
    ({"origin": "https://[::1"}, False),
    ({"origin": "https://desk.test:99999999"}, False),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "same-site"}, False),
    ({"sec-fetch-site": "none"}, False),
    ({"origin": FOREIGN, "x-miaohui-csrf": "1"}, False),
    ({"sec-fetch-site": "cross-site", "x-miaohui-csrf": "1"}, False),
    ({"origin": OWN, "sec-fetch-site": "cross-site"}, False),
    ({"referer": OWN + "/"}, False),
]


def test_a_change_by_cookie_needs_proof_that_our_page_sent_it(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        del browser.headers["origin"]
        for headers, allowed in CHANGES:
            answer = await browser.post("/api/probe", headers=headers)
            assert answer.status_code == (200 if allowed else 403), headers
            if not allowed:
                assert code_of(answer) == "access.foreign_origin"
            assert (await browser.get("/api/probe", headers=headers)).status_code == 200

    desk.run(scenario)


def test_no_changing_method_is_forgotten(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        for method in ("PUT", "DELETE", "PATCH", "POST"):
            scope = _scope(browser.cookies["__Host-miaohui_session"], method=method)
            with pytest.raises(Refusal) as caught:
                await desk.door.caller_of(HTTPConnection(scope))
            assert caught.value.code == "access.foreign_origin"

    desk.run(scenario)


@pytest.mark.parametrize(
    "path", ["/api/session", "/api/invitations/acceptance", "/api/password-resets/acceptance"]
)
def test_another_site_cannot_log_its_visitor_in(desk: Desk, path: str) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        body = {"login": "alice", "password": PASSWORD}
        extra = {"/api/session": {}}.get(path, {"secret": "x", "display_name": "x"})
        body = {
            k: v for k, v in {**body, **extra}.items() if "resets" not in path or k in ("secret", "password")
        }
        for headers in ({"origin": FOREIGN}, {"sec-fetch-site": "cross-site"}):
            browser = desk.browser()
            if "origin" not in headers:
                del browser.headers["origin"]
            answer = await browser.post(path, json=body, headers=headers)
            assert code_of(answer) == "access.foreign_origin"
            assert "set-cookie" not in answer.headers

    desk.run(scenario)


def test_a_form_without_json_is_not_read(desk: Desk) -> None:
    """A page can send text/plain anywhere without asking first (ASVS 3.5.2)."""
    desk.person("alice", "owner")

    async def scenario() -> int:
        content = f'{{"login": "alice", "password": "{PASSWORD}"}}'
        browser = desk.browser()
        answer = await browser.post("/api/session", content=content, headers={"content-type": "text/plain"})
        return answer.status_code

    assert desk.run(scenario) == 422


def test_listed_origins_are_ours_besides_the_host_that_the_request_names(desk: Desk) -> None:
    desk.policy = AccessPolicy(allowed_origins=frozenset({"https://kefu.example"}))
    desk.person("alice", "owner")

    async def scenario() -> list[int]:
        browser = desk.browser()
        browser.headers["origin"] = "https://kefu.example"
        await browser.post("/api/session", json={"login": "alice", "password": PASSWORD})
        answers = [
            await browser.post("/api/probe", headers={"origin": o})
            for o in ("https://kefu.example", OWN, FOREIGN)
        ]
        return [answer.status_code for answer in answers]

    assert desk.run(scenario) == [200, 200, 403]


def _scope(cookie: str = "", **more: Any) -> dict[str, Any]:
    headers = {"host": "desk.test", **more.pop("headers", {})}
    if cookie:
        headers["cookie"] = f"__Host-miaohui_session={cookie}"
    kind = "http" if "method" in more else "websocket"
    return {
        "type": kind, "scheme": "https" if kind == "http" else "wss", "path": "/api/live", "query_string": b"",
        "server": ("desk.test", 443), "client": ("203.0.113.5", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"origin": OWN}, None),
        ({"x-miaohui-csrf": "1"}, None),
        ({}, "access.foreign_origin"),
        ({"origin": FOREIGN}, "access.foreign_origin"),
        ({"origin": "null"}, "access.foreign_origin"),
    ],
)
def test_a_socket_opens_for_our_own_page_only(desk: Desk, headers: dict[str, str], code: str | None) -> None:
    alice = desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        socket = HTTPConnection(_scope(browser.cookies["__Host-miaohui_session"], headers=headers))
        if code is None:
            assert (await desk.door.caller_of(socket)).user_id == alice
            return
        with pytest.raises(Refusal) as caught:
            await desk.door.caller_of(socket)
        assert caught.value.code == code

    desk.run(scenario)


def test_a_socket_names_its_shop_in_the_address_and_dies_with_its_session(desk: Desk) -> None:
    alice = desk.person("alice", "owner")
    desk.world.write(lambda tx: actions.grant_role(tx, SHOP_B, alice, "viewer"))

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        cookie, headers = browser.cookies["__Host-miaohui_session"], {"origin": OWN}

        def socket(query: str) -> HTTPConnection:
            return HTTPConnection(_scope(cookie, headers=headers, query_string=query.encode()))

        assert (await desk.door.caller_of(socket(""))).shop_id == SHOP_A
        assert (await desk.door.caller_of(socket(f"shop={SHOP_B}"))).role == "viewer"
        for query in ("shop=303", "shop=x", "shop=-1", "shop=" + "9" * 400, "shop=%C2%B2"):
            with pytest.raises(Refusal) as caught:
                await desk.door.caller_of(socket(query))
            assert caught.value.code == "kit.not_found"
        opened = socket("")
        await browser.delete("/api/session")
        with pytest.raises(Refusal):
            await desk.door.caller_of(opened)

    desk.run(scenario)


def test_an_open_socket_alone_does_not_keep_a_session_alive(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        socket = HTTPConnection(_scope(browser.cookies["__Host-miaohui_session"], headers={"origin": OWN}))
        for _ in range(3):
            desk.world.clock.advance(2_000)
            await desk.door.caller_of(socket)
        desk.world.clock.advance(1_200)
        with pytest.raises(Refusal):
            await desk.door.caller_of(socket)
        assert (await browser.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_a_shop_that_is_not_mine_is_not_found(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        for shop in (str(SHOP_B), "0", "", "abc", "１０１", "101 ", "9" * 100, "1e2"):
            answer = await browser.get("/api/probe", headers={"X-Miaohui-Shop": shop.encode()})
            assert code_of(answer) == "kit.not_found", shop
        assert (await browser.get("/api/probe", headers={"X-Miaohui-Shop": "101"})).status_code == 200
        assert (await browser.get(f"/api/probe?shop={SHOP_B}")).status_code == 404
        assert (await browser.post(f"/api/probe?shop={SHOP_B}")).json() == {"shop_id": SHOP_A}

    desk.run(scenario)


def test_the_database_is_asked_once_in_two_seconds(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser, reads = await desk.log_in("alice"), 0
        read = desk.rt.read

        async def counting(fn: Any) -> Any:
            nonlocal reads
            reads += 1
            return await read(fn)

        desk.rt.read = counting  # type: ignore[method-assign]
        for _ in range(10):
            assert (await browser.get("/api/probe")).status_code == 200
        assert reads == 1
        desk.world.clock.advance(2)
        await asyncio.gather(*(browser.get("/api/probe") for _ in range(3)))
        assert 2 <= reads <= 4

    desk.run(scenario)
