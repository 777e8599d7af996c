"""People, invitations and links over HTTP (R4, R13; ASVS 6.4.1, 6.4.3, 7.4.5, 8.2.1, 8.2.2)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.access.conftest import PASSWORD, PASSWORD_HASH, Desk, code_of
from tests.world import SHOP_A, SHOP_B

from miaohui.access import actions, queries
from miaohui.access.events import PersonJoined

NEW = "another quiet lantern"


async def _invite(browser: httpx.AsyncClient, role: str = "agent", **more: Any) -> dict[str, Any]:
    answer = await browser.post("/api/invitations", json={"display_name": "小红", "role": role, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _newcomer(secret: str, login: str = "xiaohong", password: str = NEW) -> dict[str, str]:
    return {"secret": secret, "login": login, "display_name": "小红", "password": password}


async def _accept(desk: Desk, body: dict[str, str]) -> httpx.Response:
    return await desk.browser("198.51.100.1").post("/api/invitations/acceptance", json=body)


def test_a_newcomer_enters_by_an_invitation_and_logs_in(desk: Desk) -> None:
    heard = desk.world.record(PersonJoined)
    desk.person("alice", "owner")

    async def scenario() -> None:
        alice = await desk.log_in("alice")
        offer = await _invite(alice, group_ids=[7])
        joined = await _accept(desk, _newcomer(offer["secret"]))
        assert joined.status_code == 201, joined.text
        assert joined.json()["shop_id"] == SHOP_A
        answer = await desk.browser().post("/api/session", json={"login": "xiaohong", "password": NEW})
        assert (answer.json()["role"], answer.json()["group_ids"]) == ("agent", [7])
        rows = (await alice.get("/api/users")).json()["items"]
        assert {(row["login"], row["role"]) for row in rows} == {("alice", "owner"), ("xiaohong", "agent")}

    desk.run(scenario)
    assert heard[-1].group_ids == (7,)


def test_an_invitation_works_once_even_when_many_race(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> list[int]:
        offer = await _invite(await desk.log_in("alice"))
        bodies = [_newcomer(offer["secret"], f"racer{n}") for n in range(12)]
        return [a.status_code for a in await asyncio.gather(*(_accept(desk, body) for body in bodies))]

    statuses = desk.run(scenario)
    assert sorted(set(statuses)) == [201, 410]
    assert statuses.count(201) == 1
    members = desk.world.read(lambda conn: queries.list_members(conn, SHOP_A))
    assert len(members) == 2


def test_an_invitation_ends_after_24_hours(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        alice = await desk.log_in("alice")
        offer, late = await _invite(alice), await _invite(alice)
        desk.world.clock.advance(86_399)
        assert (await _accept(desk, _newcomer(offer["secret"]))).status_code == 201
        desk.world.clock.advance(1)
        assert code_of(await _accept(desk, _newcomer(late["secret"], "late"))) == "access.invitation_gone"

    desk.run(scenario)


def test_a_withdrawn_invitation_is_useless_and_another_shop_cannot_withdraw_it(desk: Desk) -> None:
    desk.person("alice", "owner")
    desk.person("charlie", "owner", SHOP_B)

    async def scenario() -> None:
        alice, charlie = await desk.log_in("alice"), await desk.log_in("charlie")
        offer = await _invite(alice)
        assert (await charlie.get("/api/invitations")).json()["items"] == []
        assert code_of(await charlie.delete(f"/api/invitations/{offer['id']}")) == "kit.not_found"
        assert [row["id"] for row in (await alice.get("/api/invitations")).json()["items"]] == [offer["id"]]
        assert (await alice.delete(f"/api/invitations/{offer['id']}")).status_code == 204
        assert (await alice.delete(f"/api/invitations/{offer['id']}")).status_code == 404
        assert code_of(await _accept(desk, _newcomer(offer["secret"]))) == "access.invitation_gone"

    desk.run(scenario)


def test_a_refused_newcomer_may_try_again_with_the_same_invitation(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        secret = (await _invite(await desk.log_in("alice")))["secret"]
        assert (
            code_of(await _accept(desk, _newcomer(secret, password="password1234"))) == "access.weak_password"
        )
        assert code_of(await _accept(desk, _newcomer(secret, "ALICE"))) == "access.login_taken"
        assert code_of(await _accept(desk, _newcomer(secret, "a b"))) == "kit.invalid"
        assert (await _accept(desk, _newcomer(secret))).status_code == 201

    desk.run(scenario)


def test_guessing_invitations_locks_the_address(desk: Desk) -> None:
    async def scenario() -> None:
        codes = [code_of(await _accept(desk, _newcomer("x" * 43))) for _ in range(31)]
        assert codes == ["access.invitation_gone"] * 30 + ["access.locked"]

    desk.run(scenario)


def test_who_has_an_account_joins_a_second_shop_with_it(desk: Desk) -> None:
    desk.person("alice", "owner")
    desk.person("charlie", "owner", SHOP_B)

    async def scenario() -> None:
        alice, charlie = await desk.log_in("alice"), await desk.log_in("charlie")
        secret = (await _invite(charlie, "viewer"))["secret"]
        joined = await alice.post("/api/memberships", json={"secret": secret})
        assert joined.json()["shop_id"] == SHOP_B
        assert (
            code_of(await alice.post("/api/memberships", json={"secret": secret})) == "access.invitation_gone"
        )
        second = (await _invite(charlie, "viewer"))["secret"]
        assert (
            code_of(await alice.post("/api/memberships", json={"secret": second})) == "access.already_member"
        )
        shops = (await alice.get("/api/session")).json()["shops"]
        assert [(shop["id"], shop["role"]) for shop in shops] == [(SHOP_A, "owner"), (SHOP_B, "viewer")]

    desk.run(scenario)


@pytest.mark.parametrize(
    ("role", "own", "target", "status"),
    [
        ("supervisor", "owner", "agent", 200),
        ("owner", "owner", "owner", 200),
        ("supervisor", "manager", "agent", 200),
        ("manager", "manager", "agent", 403),
        ("owner", "manager", "agent", 403),
        ("agent", "manager", "owner", 403),
        ("agent", "manager", "manager", 403),
        ("agent", "supervisor", "agent", 403),
        ("agent", "agent", "agent", 403),
        ("nonsense", "owner", "agent", 422),
    ],
)
def test_nobody_grants_or_takes_what_is_not_below_them(
    desk: Desk, role: str, own: str, target: str, status: int
) -> None:
    desk.person("olga", "owner")
    desk.person("actor", own)
    bob = desk.person("bob", target)

    async def scenario() -> int:
        browser = await desk.log_in("actor")
        body = {"role": role, "version": 1, "reason": "测试"}
        return (await browser.put(f"/api/users/{bob}/role", json=body)).status_code

    assert desk.run(scenario) == status


def test_a_manager_cannot_invite_an_owner(desk: Desk) -> None:
    desk.person("mia", "manager")

    async def scenario() -> None:
        browser = await desk.log_in("mia")
        for role, code in (
            ("owner", "access.above_you"),
            ("manager", "access.above_you"),
            ("x", "kit.invalid"),
        ):
            answer = await browser.post("/api/invitations", json={"display_name": "x", "role": role})
            assert code_of(answer) == code

    desk.run(scenario)


def test_a_stale_change_of_role_shows_what_is_there_now(desk: Desk) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        body = {"role": "inspector", "version": 1}
        assert (await browser.put(f"/api/users/{bob}/role", json=body)).json()["version"] == 2
        answer = await browser.put(f"/api/users/{bob}/role", json={"role": "viewer", "version": 1})
        assert (answer.status_code, code_of(answer)) == (409, "kit.stale")
        assert answer.json()["detail"]["role"] == "inspector"

    desk.run(scenario)


def test_people_of_another_shop_look_like_nobody(desk: Desk) -> None:
    """Same 404 for another shop's person and for none (R4)."""
    alice = desk.person("alice", "owner")
    desk.person("charlie", "owner", SHOP_B)

    async def scenario() -> None:
        charlie = await desk.log_in("charlie")
        for user_id in (alice, 12345):
            for method, path, body in (
                ("GET", f"/api/users/{user_id}", None),
                ("PUT", f"/api/users/{user_id}/role", {"role": "viewer", "version": 1}),
                ("POST", f"/api/users/{user_id}/departure", {"version": 1}),
                ("POST", f"/api/users/{user_id}/password-reset", None),
                ("DELETE", f"/api/users/{user_id}/sessions", None),
                ("DELETE", f"/api/users/{user_id}/totp", None),
            ):
                answer = await charlie.request(method, path, json=body)
                assert (answer.status_code, code_of(answer)) == (404, "kit.not_found"), path
                assert answer.json()["detail"] == {}

    desk.run(scenario)


def test_who_departs_is_out_at_once_and_stays_in_the_list(desk: Desk) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        alice, browser = await desk.log_in("alice"), await desk.log_in("bob")
        answer = await alice.post(f"/api/users/{bob}/departure", json={"version": 1, "reason": "离职"})
        assert (answer.json()["role"], answer.json()["role_zh"]) == (None, "已离开")
        assert (await browser.get("/api/probe")).status_code == 401
        body = {"login": "bob", "password": PASSWORD}
        assert code_of(await desk.browser().post("/api/session", json=body)) == "access.no_shop"
        back = await alice.put(f"/api/users/{bob}/role", json={"role": "viewer", "version": 2})
        assert back.json()["role"] == "viewer"
        await desk.log_in("bob")

    desk.run(scenario)


def test_a_manager_ends_all_sessions_of_a_person(desk: Desk) -> None:
    desk.person("mia", "manager")
    bob, olga = desk.person("bob", "agent"), desk.person("olga", "owner")

    async def scenario() -> None:
        mia, one, two = await desk.log_in("mia"), await desk.log_in("bob"), await desk.log_in("bob")
        assert (await mia.delete(f"/api/users/{bob}/sessions")).json() == {"ended_count": 2}
        assert [(await b.get("/api/probe")).status_code for b in (one, two)] == [401, 401]
        assert code_of(await mia.delete(f"/api/users/{olga}/sessions")) == "access.above_you"

    desk.run(scenario)


def test_the_list_of_people_comes_in_pages(desk: Desk) -> None:
    desk.person("alice", "owner")
    for n in range(4):
        desk.world.write(
            lambda tx, n=n: actions.grant_role(
                tx, SHOP_A, actions.create_user(tx, f"agent{n}", f"客服{n}", PASSWORD_HASH), "agent"
            )
        )

    async def scenario() -> list[str]:
        browser, seen, cursor = await desk.log_in("alice"), [], "0"
        while cursor:
            page = (await browser.get(f"/api/users?limit=2&cursor={cursor}")).json()
            assert len(page["items"]) <= 2
            seen += [row["login"] for row in page["items"]]
            cursor = page["next_cursor"]
        return seen

    assert desk.run(scenario) == ["alice", "agent0", "agent1", "agent2", "agent3"]
