"""Log-in and sessions over HTTP (R13, R24; ASVS 3.3.1–3.3.4, 7.2.1–7.2.4, 7.3.1, 7.3.2, 7.4.1–7.4.5, 14.3.1)."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import text
from tests.access.conftest import PASSWORD, Desk, code_of
from tests.world import SHOP_A, SHOP_B

from miaohui.access import actions
from miaohui.access.actions import Change
from miaohui.kit import audit
from miaohui.kit.tx import SYSTEM


async def _try(desk: Desk, login: str, password: str, ip: str = "203.0.113.5") -> httpx.Response:
    return await desk.browser(ip).post("/api/session", json={"login": login, "password": password})


def test_alice_logs_in_and_learns_what_she_may_do(desk: Desk) -> None:
    alice = desk.person("alice", "owner")
    desk.world.write(lambda tx: actions.grant_role(tx, SHOP_B, alice, "agent", [5]))

    async def scenario() -> None:
        browser = await desk.log_in(" ＡLICE ")
        me = (await browser.get("/api/session")).json()
        assert (me["user_id"], me["shop_id"], me["role"], me["role_zh"]) == (alice, SHOP_A, "owner", "老板")
        assert "access.manage" in me["permissions"]
        assert me["group_ids"] is None
        assert [(s["id"], s["name"], s["role"]) for s in me["shops"]] == [
            (SHOP_A, "店铺 101", "owner"),
            (SHOP_B, "店铺 202", "agent"),
        ]
        other = (await browser.get("/api/session", headers={"X-Miaohui-Shop": str(SHOP_B)})).json()
        assert (other["role"], other["group_ids"]) == ("agent", [5])
        assert "access.manage" not in other["permissions"]

    desk.run(scenario)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_neighbouring_hosts(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        answer = await _try(desk, "alice", PASSWORD)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-miaohui_session=")
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "secure", "samesite=lax", "path=/", "max-age=86400"} <= flags
        assert "domain" not in cookie.lower()
        assert answer.cookies["__Host-miaohui_session"] not in answer.text

    desk.run(scenario)


def test_without_tls_the_cookie_has_its_plain_name(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8720") as browser:
            answer = await browser.post("/api/session", json={"login": "alice", "password": PASSWORD})
            assert answer.headers["set-cookie"].startswith("miaohui_session=")
            assert "secure" not in answer.headers["set-cookie"].lower()
            assert (await browser.get("/api/probe")).status_code == 200

    desk.run(scenario)


def test_only_the_hash_of_a_session_is_stored(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        answer = await _try(desk, "alice", PASSWORD)
        secret = answer.cookies["__Host-miaohui_session"]
        assert len(secret) >= 43  # 256 bits
        with desk.world.db.read() as conn:
            for table in ("access_sessions", "access_users", "kit_audit", "access_attempts"):
                stored = str(conn.execute(text(f"SELECT * FROM {table}")).all())
                assert secret not in stored
                assert PASSWORD not in stored

    desk.run(scenario)


@pytest.mark.parametrize(
    ("login", "password"), [("alice", "wrong words here"), ("nobody", PASSWORD), ("alice", PASSWORD.upper())]
)
def test_a_wrong_name_and_a_wrong_password_look_alike(desk: Desk, login: str, password: str) -> None:
    desk.person("alice", "owner")

    async def scenario() -> dict[str, object]:
        answer = await _try(desk, login, password)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        return {k: v for k, v in answer.json().items() if k != "trace_id"}

    assert desk.run(scenario)["detail"] == {}


def test_a_person_without_a_shop_does_not_get_in(desk: Desk) -> None:
    desk.person("dora")
    assert code_of(desk.run(lambda: _try(desk, "dora", PASSWORD))) == "access.no_shop"


def test_a_session_dies_after_two_idle_hours_and_after_a_day_in_any_case(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        clock = desk.world.clock
        idle = await desk.log_in("alice")
        clock.advance(7_199)
        assert (await idle.get("/api/probe")).status_code == 200
        clock.advance(7_199)  # the use before counted
        assert (await idle.get("/api/probe")).status_code == 200
        clock.advance(7_200)
        assert (await idle.get("/api/probe")).status_code == 401
        busy = await desk.log_in("alice")
        for _ in range(23):
            clock.advance(3_600)
            assert (await busy.get("/api/probe")).status_code == 200
        clock.advance(3_599)
        assert (await busy.get("/api/probe")).status_code == 200
        clock.advance(1)
        assert (await busy.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_logging_out_ends_the_session_and_clears_the_browser(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        kept = browser.cookies["__Host-miaohui_session"]
        answer = await browser.delete("/api/session")
        assert answer.status_code == 204
        assert "storage" in answer.headers["clear-site-data"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        thief = desk.browser()
        thief.cookies.set("__Host-miaohui_session", kept)
        assert (await thief.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_a_change_of_role_is_felt_at_once_and_elsewhere_within_two_seconds(desk: Desk) -> None:
    """The second process hears no bell: its memory alone bounds the delay."""
    desk.person("olga", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        rt, _, app = desk.process()
        await rt.doorbell.start()
        rt.lane.start()
        here = await desk.log_in("bob")
        there = desk.browser(app=app)
        there.cookies = here.cookies
        assert (await there.get("/api/probe")).json()["role"] == "agent"
        assert (await here.get("/api/probe")).status_code == 200
        await desk.rt.write(SYSTEM, lambda tx: actions.grant_role(tx, SHOP_A, bob, "viewer"))
        assert (await here.get("/api/probe")).status_code == 401
        desk.world.clock.advance(1.999)
        assert (await there.get("/api/probe")).status_code == 200
        desk.world.clock.advance(0.001)
        assert (await there.get("/api/probe")).status_code == 401
        await asyncio.get_running_loop().run_in_executor(None, rt.lane.stop)
        rt.readers.shutdown()

    desk.run(scenario)


def test_who_leaves_the_shop_is_out_at_once(desk: Desk) -> None:
    desk.person("olga", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        browser = await desk.log_in("bob")
        await desk.rt.write(SYSTEM, lambda tx: actions.remove_member(tx, SHOP_A, bob, Change("离职")))
        assert (await browser.get("/api/probe")).status_code == 401

    desk.run(scenario)


def test_a_new_password_ends_every_other_session_and_the_old_secret(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        phone, laptop = await desk.log_in("alice"), await desk.log_in("alice")
        before = laptop.cookies["__Host-miaohui_session"]
        change = {"current": PASSWORD, "new": "another quiet lantern"}
        answer = await laptop.put("/api/password", json=change)
        assert answer.status_code == 204, answer.text
        assert (await phone.get("/api/probe")).status_code == 401
        assert (await laptop.get("/api/probe")).status_code == 200
        assert laptop.cookies["__Host-miaohui_session"] != before
        assert (await _try(desk, "alice", PASSWORD)).status_code == 401
        assert (await _try(desk, "alice", "another quiet lantern")).status_code == 200

    desk.run(scenario)


@pytest.mark.parametrize(
    ("current", "new", "code", "reason"),
    [
        ("not the password", "another quiet lantern", "access.login_failed", None),
        (PASSWORD, "short", "access.weak_password", "too_short"),
        (PASSWORD, "alice2026alice", "access.weak_password", "about_you"),
        (PASSWORD, "woaini1314520", "access.weak_password", "common"),
    ],
)
def test_a_password_changes_only_with_the_old_one_and_to_a_good_one(
    desk: Desk, current: str, new: str, code: str, reason: str | None
) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        answer = await browser.put("/api/password", json={"current": current, "new": new})
        assert code_of(answer) == code
        assert answer.json()["detail"].get("reason") == reason
        assert (await browser.get("/api/probe")).status_code == 200

    desk.run(scenario)


def test_alice_sees_and_ends_her_own_sessions_but_not_charlies(desk: Desk) -> None:
    desk.person("alice", "owner")
    desk.person("charlie", "owner", SHOP_B)

    async def scenario() -> None:
        first, second = await desk.log_in("alice"), await desk.log_in("alice", "198.51.100.7")
        rows = (await second.get("/api/sessions")).json()["items"]
        assert {(row["ip"], row["is_current"]) for row in rows} == {
            ("203.0.113.5", False),
            ("198.51.100.7", True),
        }
        other = next(row["id"] for row in rows if not row["is_current"])
        charlie = await desk.log_in("charlie")
        assert code_of(await charlie.delete(f"/api/sessions/{other}")) == "kit.not_found"
        assert code_of(await charlie.delete("/api/sessions/1")) == "kit.not_found"
        assert (await first.get("/api/probe")).status_code == 200
        assert (await second.delete(f"/api/sessions/{other}")).status_code == 204
        assert (await first.get("/api/probe")).status_code == 401
        third = await desk.log_in("alice")
        assert (await second.delete("/api/sessions")).json() == {"ended_count": 1}
        assert (await third.get("/api/probe")).status_code == 401
        assert (await second.get("/api/probe")).status_code == 200
        assert (await charlie.get("/api/probe")).status_code == 200

    desk.run(scenario)


def test_the_twenty_first_session_ends_the_one_that_was_idle_longest(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browsers = []
        for _ in range(21):
            browsers.append(await desk.log_in("alice"))
            desk.world.clock.advance(1)
        alive = [(await browser.get("/api/probe")).status_code for browser in browsers]
        assert alive == [401] + [200] * 20

    desk.run(scenario)


def test_log_ins_and_failures_are_in_the_audit_log_of_the_persons_shops(desk: Desk) -> None:
    alice = desk.person("alice", "owner")
    desk.world.write(lambda tx: actions.grant_role(tx, SHOP_B, alice, "agent"))

    async def scenario() -> None:
        await _try(desk, "alice", "wrong words here")
        await desk.log_in("alice")

    desk.run(scenario)
    for shop_id in (SHOP_A, SHOP_B):
        rows = desk.world.read(lambda conn, s=shop_id: audit.newest(conn, [s], 2))
        assert [(row["action"], row["result"]) for row in rows] == [
            ("access.logged_in", "ok"),
            ("access.login_failed", "refused"),
        ]
        assert rows[0]["ip"] == "203.0.113.5"
        assert (rows[0]["actor_id"], rows[0]["actor_name"]) == (alice, "Alice")
    assert desk.world.read(audit.verify).broken_at is None


@pytest.mark.parametrize("cookie", ["", "x", "mh_" + "a" * 43, "x" * 5_000])
def test_a_made_up_cookie_is_nobody(desk: Desk, cookie: str) -> None:
    async def scenario() -> httpx.Response:
        browser = desk.browser()
        browser.cookies.set("__Host-miaohui_session", cookie)
        return await browser.get("/api/probe")

    assert code_of(desk.run(scenario)) == "kit.unauthenticated"
