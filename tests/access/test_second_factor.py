"""The second factor (R13; ASVS 6.5.1–6.5.5, 7.5.1)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.access.conftest import PASSWORD, Desk, code_of
from tests.world import World

from miaohui.access import actions
from miaohui.access.model import AccessPolicy


async def _enrol(desk: Desk, browser: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Turn the authenticator on; return its secret and the recovery codes."""
    offer = (await browser.post("/api/totp", json={"password": PASSWORD})).json()
    body = {"enrolment_id": offer["enrolment_id"], "code": desk.code(offer["secret"])}
    answer = await browser.post("/api/totp/confirmation", json=body)
    assert answer.status_code == 200, answer.text
    desk.world.clock.advance(60)
    return offer["secret"], answer.json()["codes"]


async def _log_in(desk: Desk, code: str) -> httpx.Response:
    body = {"login": "alice", "password": PASSWORD, "code": code}
    return await desk.browser().post("/api/session", json=body)


@pytest.fixture
def alice(desk: Desk) -> int:
    return desk.person("alice", "owner")


def test_with_the_authenticator_on_the_password_alone_opens_nothing(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        browser = await desk.log_in("alice")
        secret, codes = await _enrol(desk, browser)
        assert (await browser.get("/api/totp")).json() == {"is_on": True, "recovery_codes_left": 10}
        assert len(set(codes)) == 10
        needs = await _log_in(desk, "")
        assert (needs.status_code, code_of(needs)) == (401, "access.totp_needed")
        assert "set-cookie" not in needs.headers
        assert (await _log_in(desk, desk.code(secret))).status_code == 200
        rows = (await browser.get("/api/sessions")).json()["items"]
        assert {row["strength"] for row in rows} == {"password", "totp"}

    desk.run(scenario)


def test_asking_for_the_code_is_no_failure(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        secret, _ = await _enrol(desk, await desk.log_in("alice"))
        for _ in range(8):
            assert code_of(await _log_in(desk, "")) == "access.totp_needed"
        assert (await _log_in(desk, desk.code(secret))).status_code == 200

    desk.run(scenario)


def test_a_code_works_once_and_an_older_one_not_after_it(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        secret, _ = await _enrol(desk, await desk.log_in("alice"))
        assert (await _log_in(desk, desk.code(secret))).status_code == 200
        assert code_of(await _log_in(desk, desk.code(secret))) == "access.login_failed"
        assert code_of(await _log_in(desk, desk.code(secret, -1))) == "access.login_failed"
        assert (await _log_in(desk, desk.code(secret, 1))).status_code == 200

    desk.run(scenario)


def test_a_code_raced_by_many_opens_one_session(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        secret, _ = await _enrol(desk, await desk.log_in("alice"))
        code = desk.code(secret)
        answers = await asyncio.gather(*(_log_in(desk, code) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]

    desk.run(scenario)


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(desk: Desk, alice: int, steps: int, works: bool) -> None:
    async def scenario() -> None:
        secret, _ = await _enrol(desk, await desk.log_in("alice"))
        desk.world.clock.advance(120)
        assert ((await _log_in(desk, desk.code(secret, steps))).status_code == 200) is works

    desk.run(scenario)


@pytest.mark.parametrize(
    ("drift", "steps", "works"),
    [(0, -1, False), (0, 0, True), (0, 1, False), (2, -2, True), (2, 2, True), (2, -3, False), (2, 3, False)],
)
def test_how_far_a_clock_may_be_off_is_a_setting(
    world: World, tmp_path: Path, drift: int, steps: int, works: bool
) -> None:
    """RFC 6238 §5.2: one step is the recommendation; each more is one more code that opens the door."""
    desk = Desk(world, tmp_path, AccessPolicy(totp_drift_steps=drift))
    desk.person("alice", "owner")

    async def scenario() -> None:
        secret, _ = await _enrol(desk, await desk.log_in("alice"))
        desk.world.clock.advance(180)
        assert ((await _log_in(desk, desk.code(secret, steps))).status_code == 200) is works

    desk.run(scenario)


def test_guessing_codes_locks_the_account(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        secret, _ = await _enrol(desk, await desk.log_in("alice"))
        right = desk.code(secret)
        wrong = [f"{(int(right) + n) % 1_000_000:06d}" for n in (100_001, 200_002, 300_003, 400_004)]
        for code in [*wrong, "ABCD-EFGH-IJKL-MNOP-QRST-UVWX"]:
            assert code_of(await _log_in(desk, code)) == "access.login_failed"
        assert code_of(await _log_in(desk, right)) == "access.locked"

    desk.run(scenario)


@pytest.mark.parametrize("code", ["１２３４５６", "12345", "1234567", "abcdef", "½½½½½½", "-12345", "\u0000"])
def test_an_odd_code_is_a_wrong_one_and_no_crash(desk: Desk, alice: int, code: str) -> None:
    async def scenario() -> None:
        await _enrol(desk, await desk.log_in("alice"))
        assert (await _log_in(desk, code)).status_code == 401

    desk.run(scenario)


def test_a_recovery_code_works_once_in_any_typing(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        browser = await desk.log_in("alice")
        _, codes = await _enrol(desk, browser)
        typed = codes[0].lower().replace("-", " ")
        assert (await _log_in(desk, typed)).status_code == 200
        assert code_of(await _log_in(desk, codes[0])) == "access.login_failed"
        assert (await browser.get("/api/totp")).json()["recovery_codes_left"] == 9

    desk.run(scenario)


def test_new_recovery_codes_replace_the_old_ones(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        browser = await desk.log_in("alice")
        secret, old = await _enrol(desk, browser)
        proof = {"password": PASSWORD, "code": desk.code(secret)}
        fresh = (await browser.post("/api/totp/recovery-codes", json=proof)).json()["codes"]
        assert not set(fresh) & set(old)
        assert code_of(await _log_in(desk, old[0])) == "access.login_failed"
        assert (await _log_in(desk, fresh[0])).status_code == 200

    desk.run(scenario)


def test_turning_it_off_needs_the_password_and_a_code(desk: Desk, alice: int) -> None:
    async def scenario() -> None:
        browser, other = await desk.log_in("alice"), await desk.log_in("alice")
        secret, _ = await _enrol(desk, browser)
        for body, code in (
            ({"password": PASSWORD}, "access.totp_needed"),
            ({"password": "wrong words here", "code": desk.code(secret)}, "access.login_failed"),
            ({"password": PASSWORD, "code": "000000"}, "access.login_failed"),
        ):
            assert code_of(await browser.post("/api/totp/removal", json=body)) == code
        body = {"password": PASSWORD, "code": desk.code(secret)}
        assert (await browser.post("/api/totp/removal", json=body)).status_code == 204
        assert (await browser.get("/api/totp")).json()["is_on"] is False
        assert (await other.get("/api/probe")).status_code == 401
        assert (await _log_in(desk, "")).status_code == 200

    desk.run(scenario)


def test_an_unconfirmed_secret_is_not_in_force_and_cannot_be_confirmed_by_another(
    desk: Desk, alice: int
) -> None:
    desk.person("bob", "agent")

    async def scenario() -> None:
        browser, bob = await desk.log_in("alice"), await desk.log_in("bob")
        offer: dict[str, Any] = (await browser.post("/api/totp", json={"password": PASSWORD})).json()
        assert offer["uri"].startswith("otpauth://totp/")
        assert (await _log_in(desk, "")).status_code == 200
        body = {"enrolment_id": offer["enrolment_id"], "code": desk.code(offer["secret"])}
        assert code_of(await bob.post("/api/totp/confirmation", json=body)) == "access.totp_off"
        wrong = {**body, "code": "000000"}
        assert code_of(await browser.post("/api/totp/confirmation", json=wrong)) == "access.login_failed"
        again = (await browser.post("/api/totp", json={"password": PASSWORD})).json()
        assert code_of(await browser.post("/api/totp/confirmation", json=body)) == "access.totp_off"
        body = {"enrolment_id": again["enrolment_id"], "code": desk.code(again["secret"])}
        assert (await browser.post("/api/totp/confirmation", json=body)).status_code == 200
        assert code_of(await browser.post("/api/totp", json={"password": PASSWORD})) == "access.totp_on"

    desk.run(scenario)


def test_secrets_and_recovery_codes_are_not_readable_in_the_database(desk: Desk, alice: int) -> None:
    async def scenario() -> tuple[str, list[str]]:
        return await _enrol(desk, await desk.log_in("alice"))

    secret, codes = desk.run(scenario)
    with desk.world.db.read() as conn:
        kept = "".join(
            str(conn.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("access_totp_enrolments", "access_recovery_codes", "kit_audit")
        )
    assert secret not in kept
    assert all(code not in kept and actions.plain_code(code) not in kept for code in codes)


def test_a_role_that_must_have_a_second_factor_may_do_nothing_before(desk: Desk, alice: int) -> None:
    """ASVS 6.3.3: the roles stand in the policy; the log-in after switching it on is the first that counts."""
    desk.policy = AccessPolicy(totp_roles=frozenset({"owner"}))
    desk.person("bob", "agent")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        me = (await browser.get("/api/session")).json()
        assert (me["must_enrol_totp"], me["permissions"]) == (True, [])
        assert code_of(await browser.get("/api/users")) == "kit.forbidden"
        secret, _ = await _enrol(desk, browser)
        assert code_of(await browser.get("/api/users")) == "kit.forbidden"
        strong = desk.browser()
        body = {"login": "alice", "password": PASSWORD, "code": desk.code(secret)}
        assert (await strong.post("/api/session", json=body)).json()["must_enrol_totp"] is False
        assert (await strong.get("/api/users")).status_code == 200
        bob = await desk.log_in("bob")
        assert (await bob.post("/api/probe")).status_code == 200

    desk.run(scenario)
