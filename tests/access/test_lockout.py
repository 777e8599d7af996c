"""The lock-out (R13; ASVS 6.3.1, 6.3.8)."""

from __future__ import annotations

import asyncio

import httpx
from sqlalchemy import text
from tests.access.conftest import PASSWORD, Desk, code_of
from tests.world import SHOP_A

from miaohui.kit import audit

WRONG = "wrong words entirely"


async def _try(desk: Desk, login: str, password: str = WRONG, ip: str = "203.0.113.5") -> httpx.Response:
    return await desk.browser(ip).post("/api/session", json={"login": login, "password": password})


async def _codes(desk: Desk, login: str, count: int, ip: str = "203.0.113.5") -> list[str]:
    return [code_of(await _try(desk, login, ip=ip)) for _ in range(count)]


def test_five_failures_lock_the_account_for_fifteen_minutes_even_for_the_right_password(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        assert await _codes(desk, "alice", 6) == ["access.login_failed"] * 5 + ["access.locked"]
        locked = await _try(desk, "alice", PASSWORD, ip="198.51.100.9")
        assert (locked.status_code, code_of(locked)) == (429, "access.locked")
        assert locked.json()["detail"] == {"retry_after_s": 900}
        desk.world.clock.advance(899)
        assert code_of(await _try(desk, "alice", PASSWORD)) == "access.locked"
        desk.world.clock.advance(1)
        assert (await _try(desk, "alice", PASSWORD)).status_code == 200

    desk.run(scenario)


def test_an_unknown_name_locks_like_a_known_one(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        assert await _codes(desk, "ghost", 6) == await _codes(desk, "alice", 6)

    desk.run(scenario)


def test_other_spellings_of_a_name_share_its_lock(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        for login in ("alice", "ALICE", " alice", "ａlice", "Alice "):
            assert code_of(await _try(desk, login)) == "access.login_failed"
        assert code_of(await _try(desk, "aLiCe")) == "access.locked"

    desk.run(scenario)


def test_a_burst_of_guesses_does_not_outrun_the_count(desk: Desk) -> None:
    """ASVS 2.3.4 / 6.3.1: attempts are counted before they are decided."""
    desk.person("alice", "owner")

    async def scenario() -> list[str]:
        return [code_of(a) for a in await asyncio.gather(*(_try(desk, "alice") for _ in range(20)))]

    codes = desk.run(scenario)
    assert codes.count("access.login_failed") == 5
    assert codes.count("access.locked") == 15


def test_a_complete_log_in_forgets_the_failures_before_it(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        for _ in range(3):
            await _codes(desk, "alice", 4)
            assert (await _try(desk, "alice", PASSWORD)).status_code == 200

    desk.run(scenario)


def test_thirty_failures_lock_an_address_whatever_the_names(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        for n in range(30):
            assert code_of(await _try(desk, f"name{n}")) == "access.login_failed"
        assert code_of(await _try(desk, "alice", PASSWORD)) == "access.locked"
        assert (await _try(desk, "alice", PASSWORD, ip="198.51.100.9")).status_code == 200
        desk.world.clock.advance(901)
        assert (await _try(desk, "alice", PASSWORD)).status_code == 200

    desk.run(scenario)


def test_own_log_ins_do_not_wash_an_address_clean(desk: Desk) -> None:
    """Somebody with an account of their own who tries other people's passwords stays counted."""
    desk.person("mallory", "viewer")

    async def scenario() -> None:
        for n in range(30):
            await _try(desk, f"victim{n}")
            if n % 4 == 0 and n < 28:
                assert (await _try(desk, "mallory", PASSWORD)).status_code == 200
        assert code_of(await _try(desk, "mallory", PASSWORD)) == "access.locked"

    desk.run(scenario)


def test_one_network_of_many_ipv6_addresses_is_one_address(desk: Desk) -> None:
    async def scenario() -> None:
        for n in range(30):
            await _try(desk, f"name{n}", ip=f"2001:db8:1:2::{n:x}")
        assert code_of(await _try(desk, "x1", ip="2001:db8:1:2:ffff::1")) == "access.locked"
        assert code_of(await _try(desk, "x1", ip="2001:db8:1:3::1")) == "access.login_failed"

    desk.run(scenario)


def test_the_lock_is_audited_and_the_typed_name_is_not_kept(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        await _codes(desk, "alice", 6)
        await _try(desk, "my secret passw0rd typed as name")

    desk.run(scenario)
    rows = desk.world.read(lambda conn: audit.newest(conn, [SHOP_A], 20))
    assert [row["action"] for row in rows].count("access.locked") == 1
    assert [row["action"] for row in rows].count("access.login_failed") == 5
    with desk.world.db.read() as conn:
        kept = str(conn.execute(text("SELECT * FROM access_attempts")).all())
        kept += str(conn.execute(text("SELECT * FROM kit_audit")).all())
    assert "passw0rd" not in kept


def test_a_stolen_session_cannot_try_passwords_for_ever(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        change = {"current": WRONG, "new": "another quiet lantern"}
        codes = [code_of(await browser.put("/api/password", json=change)) for _ in range(6)]
        assert codes == ["access.login_failed"] * 5 + ["access.locked"]

    desk.run(scenario)
