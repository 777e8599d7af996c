"""Help for who is locked out: one-use links, a lost authenticator (ASVS 6.4.1–6.4.3)."""

from __future__ import annotations

import httpx
import pytest
from tests.access.conftest import PASSWORD, Desk, code_of
from tests.world import SHOP_A, SHOP_B

from miaohui.access import actions

NEW = "another quiet lantern"


async def _reset(desk: Desk, secret: str, password: str = NEW) -> httpx.Response:
    body = {"secret": secret, "password": password}
    return await desk.browser("198.51.100.1").post("/api/password-resets/acceptance", json=body)


async def _log_in(desk: Desk, password: str) -> int:
    answer = await desk.browser().post("/api/session", json={"login": "bob", "password": password})
    return answer.status_code


def test_a_forgotten_password_is_replaced_by_its_owner_alone(desk: Desk) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        alice, old = await desk.log_in("alice"), await desk.log_in("bob")
        offer = (await alice.post(f"/api/users/{bob}/password-reset")).json()
        assert code_of(await _reset(desk, offer["secret"], "bob-20261122")) == "access.weak_password"
        assert (await _reset(desk, offer["secret"])).status_code == 204
        assert (await old.get("/api/probe")).status_code == 401
        assert (await _log_in(desk, PASSWORD), await _log_in(desk, NEW)) == (401, 200)
        assert code_of(await _reset(desk, offer["secret"], NEW + "s")) == "access.invitation_gone"

    desk.run(scenario)


def test_a_password_link_ends_after_two_hours(desk: Desk) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        offer = (await (await desk.log_in("alice")).post(f"/api/users/{bob}/password-reset")).json()
        desk.world.clock.advance(7_200)
        assert code_of(await _reset(desk, offer["secret"])) == "access.invitation_gone"

    desk.run(scenario)


def test_an_account_of_two_shops_is_not_opened_by_one_of_them(desk: Desk) -> None:
    """Else a manager of one shop could walk into the other one."""
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        alice = await desk.log_in("alice")
        early = (await alice.post(f"/api/users/{bob}/password-reset")).json()
        desk.world.write(lambda tx: actions.grant_role(tx, SHOP_B, bob, "owner"))
        assert code_of(await alice.post(f"/api/users/{bob}/password-reset")) == "access.member_elsewhere"
        assert code_of(await alice.delete(f"/api/users/{bob}/totp")) == "access.member_elsewhere"
        assert code_of(await _reset(desk, early["secret"])) == "access.member_elsewhere"
        assert await _log_in(desk, PASSWORD) == 200

    desk.run(scenario)


@pytest.mark.parametrize("path", ["/api/invitations/acceptance", "/api/password-resets/acceptance"])
def test_a_link_of_one_kind_does_not_do_the_other(desk: Desk, path: str) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        alice = await desk.log_in("alice")
        if "reset" in path:
            invite = {"display_name": "x", "role": "agent"}
            secret = (await alice.post("/api/invitations", json=invite)).json()["secret"]
            body = {"secret": secret, "password": NEW}
        else:
            secret = (await alice.post(f"/api/users/{bob}/password-reset")).json()["secret"]
            body = {"secret": secret, "password": NEW, "login": "eve", "display_name": "Eve"}
        assert code_of(await desk.browser().post(path, json=body)) == "access.invitation_gone"

    desk.run(scenario)


def test_a_lost_authenticator_is_taken_off_by_the_manager(desk: Desk) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent")

    async def scenario() -> None:
        alice, browser = await desk.log_in("alice"), await desk.log_in("bob")
        assert code_of(await alice.delete(f"/api/users/{bob}/totp")) == "access.totp_off"
        offer = (await browser.post("/api/totp", json={"password": PASSWORD})).json()
        body = {"enrolment_id": offer["enrolment_id"], "code": desk.code(offer["secret"])}
        await browser.post("/api/totp/confirmation", json=body)
        assert await _log_in(desk, PASSWORD) == 401
        assert (await alice.get(f"/api/users/{bob}")).json()["has_totp"] is True
        assert (await alice.delete(f"/api/users/{bob}/totp")).status_code == 204
        assert (await browser.get("/api/probe")).status_code == 401
        assert await _log_in(desk, PASSWORD) == 200
        assert (await alice.get(f"/api/users/{bob}")).json()["has_totp"] is False

    desk.run(scenario)


def test_a_password_link_does_not_switch_off_the_second_factor(desk: Desk) -> None:
    desk.person("alice", "owner")
    bob = desk.person("bob", "agent", SHOP_A)

    async def scenario() -> None:
        alice, browser = await desk.log_in("alice"), await desk.log_in("bob")
        totp = (await browser.post("/api/totp", json={"password": PASSWORD})).json()
        body = {"enrolment_id": totp["enrolment_id"], "code": desk.code(totp["secret"])}
        await browser.post("/api/totp/confirmation", json=body)
        offer = (await alice.post(f"/api/users/{bob}/password-reset")).json()
        await _reset(desk, offer["secret"])
        answer = await desk.browser().post("/api/session", json={"login": "bob", "password": NEW})
        assert code_of(answer) == "access.totp_needed"

    desk.run(scenario)
