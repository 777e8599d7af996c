"""The rules of log-in and rank (R13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import NOON

from miaohui.access.model import (
    PERMISSIONS,
    PUBLIC,
    ROLE_NAMES_ZH,
    ROLES,
    AccessPolicy,
    is_login,
    locked_until,
    login_key,
    may_govern,
    network_of,
)

POLICY = AccessPolicy()


@pytest.mark.parametrize(
    ("ages_s", "locked_for_s"),
    [
        ([], None),
        ([0, 1, 2, 3], None),
        ([0, 1, 2, 3, 4], 900),
        ([600, 601, 602, 603, 604], 300),
        ([0, 100, 200, 300, 899], 900),
        ([0, 100, 200, 300, 900], None),  # the first of five is 15 minutes before the last
        ([899, 900, 901, 902, 903], 1),
        ([900, 900, 900, 900, 900], 0),
    ],
)
def test_five_failures_within_15_minutes_lock_for_15_minutes(
    ages_s: list[int], locked_for_s: int | None
) -> None:
    until = locked_until([NOON - timedelta(seconds=s) for s in ages_s], POLICY)
    assert until == (None if locked_for_s is None else NOON + timedelta(seconds=locked_for_s))


@given(st.lists(st.integers(0, 5_000), max_size=5))
def test_a_lock_never_outlasts_15_minutes_after_the_newest_failure(ages: list[int]) -> None:
    failed_at = [NOON - timedelta(seconds=s) for s in sorted(ages)]
    until = locked_until(failed_at, POLICY)
    if until is not None:
        assert until == failed_at[0] + timedelta(seconds=900)
        assert len(failed_at) == 5


@given(st.lists(st.integers(0, 86_400), max_size=60))
def test_no_quarter_of_an_hour_sees_more_than_five_guesses(wanted_at: list[int]) -> None:
    """Whatever the rhythm of an attacker, at most five attempts pass in any 15 minutes."""
    passed: list[int] = []
    for second in sorted(wanted_at):
        now = NOON + timedelta(seconds=second)
        newest = [NOON + timedelta(seconds=s) for s in reversed(passed[-5:])]
        until = locked_until(newest, POLICY)
        if until is None or until <= now:
            passed.append(second)
    for index in range(len(passed) - 5):
        assert passed[index + 5] - passed[index] >= 900


@pytest.mark.parametrize(
    ("own", "other", "may"),
    [
        ("owner", "owner", True),
        ("owner", "viewer", True),
        ("manager", "owner", False),
        ("manager", "manager", False),
        ("manager", "supervisor", True),
        ("manager", "agent", True),
        ("supervisor", "supervisor", False),
        ("agent", "inspector", False),
        ("viewer", "viewer", False),
        ("unknown", "viewer", False),
    ],
)
def test_only_owners_govern_their_own_rank(own: str, other: str, may: bool) -> None:
    assert may_govern(own, other) is may


def test_roles_hold_known_permissions_and_have_chinese_names() -> None:
    assert set(ROLE_NAMES_ZH) == set(ROLES)
    for role, permissions in ROLES.items():
        assert permissions <= set(PERMISSIONS), role
    assert ROLES["owner"] == set(PERMISSIONS)


def test_every_public_route_says_why() -> None:
    assert all(len(reason) > 20 for reason in PUBLIC.values())


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_attacker_counts_as_one_network(ip: str, network: str) -> None:
    assert network_of(ip) == network


@pytest.mark.parametrize("login", ["alice", " Alice ", "ＡＬＩＣＥ", "ALICE"])
def test_a_login_name_is_one_person_however_it_is_typed(login: str) -> None:
    assert login_key(login) == "alice"


@pytest.mark.parametrize(
    ("login", "good"),
    [
        ("a", False),
        ("al", True),
        ("小红", True),
        ("a@b.cn", True),
        ("a b", False),
        ("a/b", False),
        ("x" * 65, False),
    ],
)
def test_login_names_have_a_plain_form(login: str, good: bool) -> None:
    assert is_login(login) is good
