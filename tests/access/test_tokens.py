"""API tokens (R13; ASVS 7.2.1–7.2.3, 8.2.1)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.access.conftest import Desk, code_of
from tests.world import SHOP_A, SHOP_B

from miaohui.access import actions
from miaohui.kit.tx import SYSTEM


async def _make(browser: httpx.AsyncClient, *permissions: str, days: int = 30) -> dict[str, Any]:
    body = {"label": "ERP", "permissions": list(permissions), "days": days}
    answer = await browser.post("/api/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _with(desk: Desk, secret: str, **headers: str) -> httpx.AsyncClient:
    """A program: no cookie, no Origin."""
    browser = desk.browser(**headers)
    del browser.headers["Origin"]
    browser.headers["Authorization"] = f"Bearer {secret}"
    return browser


def test_a_token_does_what_it_was_given_in_its_shop_and_nothing_else(desk: Desk) -> None:
    alice = desk.person("alice", "owner")
    desk.world.write(lambda tx: actions.grant_role(tx, SHOP_B, alice, "owner"))

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        reader = _with(desk, (await _make(browser, "inbox.read", "trade.read"))["secret"])
        seen = (await reader.get("/api/probe")).json()
        assert (seen["shop_id"], seen["permissions"]) == (SHOP_A, ["inbox.read", "trade.read"])
        assert (seen["actor"], seen["group_ids"]) == ("token", [])
        assert code_of(await reader.post("/api/probe")) == "kit.forbidden"
        assert code_of(await reader.get("/api/users")) == "kit.forbidden"
        writer = _with(desk, (await _make(browser, "inbox.reply"))["secret"])
        assert (await writer.post("/api/probe")).status_code == 200
        elsewhere = await reader.get("/api/probe", headers={"X-Miaohui-Shop": str(SHOP_B)})
        assert code_of(elsewhere) == "kit.not_found"
        me = (await reader.get("/api/session")).json()
        assert (me["is_token"], [shop["id"] for shop in me["shops"]]) == (True, [SHOP_A])

    desk.run(scenario)


@pytest.mark.parametrize(
    ("role", "permissions", "days"),
    [
        ("owner", ["access.manage"], 30),
        ("owner", ["no.such"], 30),
        ("manager", ["inbox.read", "access.manage"], 30),
        ("owner", ["inbox.read"], 366),
        ("owner", [], 30),
    ],
)
def test_a_token_cannot_be_worth_more_than_its_maker(
    desk: Desk, role: str, permissions: list[str], days: int
) -> None:
    desk.person("maker", role)

    async def scenario() -> str:
        body = {"label": "x", "permissions": permissions, "days": days}
        return code_of(await (await desk.log_in("maker")).post("/api/tokens", json=body))

    assert desk.run(scenario) == "kit.invalid"


def test_a_token_shrinks_with_its_makers_role_and_dies_when_they_leave(desk: Desk) -> None:
    desk.person("olga", "owner")
    mia = desk.person("mia", "manager")

    async def scenario() -> None:
        made = await _make(await desk.log_in("mia"), "inbox.read", "inbox.reply")
        program = _with(desk, made["secret"])
        assert (await program.get("/api/probe")).json()["permissions"] == ["inbox.read", "inbox.reply"]
        await desk.rt.write(SYSTEM, lambda tx: actions.grant_role(tx, SHOP_A, mia, "viewer"))
        assert (await program.get("/api/probe")).json()["permissions"] == ["inbox.read"]
        await desk.rt.write(SYSTEM, lambda tx: actions.remove_member(tx, SHOP_A, mia))
        assert (await program.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_a_revoked_or_expired_token_is_dead(desk: Desk) -> None:
    desk.person("alice", "owner")
    desk.person("charlie", "owner", SHOP_B)

    async def scenario() -> None:
        browser, charlie = await desk.log_in("alice"), await desk.log_in("charlie")
        made, short = await _make(browser, "inbox.read"), await _make(browser, "inbox.read", days=1)
        program, brief = _with(desk, made["secret"]), _with(desk, short["secret"])
        assert (await program.get("/api/probe")).status_code == 200
        assert code_of(await charlie.delete(f"/api/tokens/{made['id']}")) == "kit.not_found"
        assert (await charlie.get("/api/tokens")).json()["items"] == []
        assert (await browser.delete(f"/api/tokens/{made['id']}")).status_code == 204
        assert (await program.get("/api/probe")).status_code == 401
        assert code_of(await browser.delete(f"/api/tokens/{made['id']}")) == "kit.not_found"
        assert (await brief.get("/api/probe")).status_code == 200
        desk.world.clock.advance(86_400)
        assert (await brief.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_a_token_in_the_cookie_does_not_shed_its_limits(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        made = await _make(await desk.log_in("alice"), "inbox.read")
        assert (await _with(desk, made["secret"]).get("/api/probe")).status_code == 200
        browser = desk.browser()
        browser.cookies.set("__Host-miaohui_session", made["secret"])
        assert (await browser.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_a_session_secret_is_no_bearer_token(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        secret = browser.cookies["__Host-miaohui_session"]
        assert (await _with(desk, secret).get("/api/probe")).status_code == 401

    desk.run(scenario)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer mh_" + "x" * 43, "mh_x"])
def test_a_made_up_token_is_nobody_even_next_to_a_good_cookie(desk: Desk, header: str) -> None:
    desk.person("alice", "owner")

    async def scenario() -> int:
        browser = await desk.log_in("alice")
        return (await browser.get("/api/probe", headers={"Authorization": header})).status_code

    assert desk.run(scenario) == 401


def test_what_only_a_person_may_do_is_closed_to_tokens(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        program = _with(desk, (await _make(await desk.log_in("alice"), "inbox.read"))["secret"])
        for method, path, body in (
            ("DELETE", "/api/session", None),
            ("GET", "/api/sessions", None),
            ("DELETE", "/api/sessions", None),
            ("DELETE", "/api/sessions/1", None),
            ("PUT", "/api/password", {"current": "x", "new": "y"}),
            ("POST", "/api/totp", {"password": "x"}),
            ("POST", "/api/totp/removal", {"password": "x"}),
            ("POST", "/api/totp/recovery-codes", {"password": "x"}),
            ("POST", "/api/totp/confirmation", {"enrolment_id": 1, "code": "1"}),
            ("POST", "/api/memberships", {"secret": "x"}),
        ):
            answer = await program.request(method, path, json=body)
            assert code_of(answer) == "access.session_needed", path

    desk.run(scenario)


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        made = await _make(browser, "inbox.read")
        await _with(desk, made["secret"]).get("/api/probe")
        listed = (await browser.get("/api/tokens")).json()["items"]
        assert [(row["id"], row["label"], row["hint"]) for row in listed] == [
            (made["id"], "ERP", made["secret"][:8])
        ]
        assert listed[0]["used_at"] is not None
        with desk.world.db.read() as conn:
            kept = str(conn.execute(text("SELECT * FROM access_api_tokens")).all())
        assert made["secret"] not in kept

    desk.run(scenario)
