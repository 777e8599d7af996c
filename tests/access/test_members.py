"""Memberships as rows (R4, R13, R18)."""

from __future__ import annotations

import pytest
from tests.world import SHOP_A, SHOP_B, World

from miaohui.access import actions, queries
from miaohui.access.actions import Change, Origin
from miaohui.access.events import PersonJoined, PersonLeft, RoleChanged, SessionsEnded
from miaohui.access.model import AccessPolicy
from miaohui.kit import audit
from miaohui.kit.errors import Refusal
from miaohui.kit.tx import Actor, Tx

POLICY = AccessPolicy()


def _person(world: World, login: str, role: str | None = None, shop_id: int = SHOP_A) -> int:
    def add(tx: Tx) -> int:
        user_id = actions.create_user(tx, login, login.title())
        if role:
            actions.grant_role(tx, shop_id, user_id, role)
        return user_id

    return world.write(add)


def _role(world: World, user_id: int, shop_id: int = SHOP_A) -> str | None:
    found = world.read(lambda conn: queries.find_membership(conn, shop_id, user_id))
    return found.role if found else None


def _open(world: World, user_id: int) -> str:
    return world.write(lambda tx: actions.open_session(tx, user_id, Origin("1.2.3.4", "x"), POLICY))


def _code(world: World, fn: object) -> str:
    with pytest.raises(Refusal) as caught:
        world.write(fn)  # type: ignore[arg-type]
    return caught.value.code


def test_a_role_in_one_shop_says_nothing_about_another(world: World) -> None:
    alice = _person(world, "alice", "owner")
    assert _role(world, alice) == "owner"
    assert _role(world, alice, SHOP_B) is None
    assert list(world.read(lambda conn: queries.list_shop_roles(conn, alice))) == [SHOP_A]


def test_login_names_are_taken_once_however_they_are_written(world: World) -> None:
    _person(world, "alice")
    assert _code(world, lambda tx: actions.create_user(tx, "ＡＬＩＣＥ", "A")) == "access.login_taken"
    assert _code(world, lambda tx: actions.create_user(tx, "a b", "A")) == "kit.invalid"
    assert _code(world, lambda tx: actions.create_user(tx, "bob", " ")) == "kit.invalid"


def test_a_change_of_role_is_a_new_row_and_ends_the_sessions(world: World) -> None:
    heard = world.record(RoleChanged, SessionsEnded)
    _person(world, "olga", "owner")
    bob = _person(world, "bob", "agent")
    secret = _open(world, bob)
    version = world.write(lambda tx: actions.grant_role(tx, SHOP_A, bob, "supervisor", None, Change("升职")))
    assert version == 2
    assert [type(event) for event in heard] == [SessionsEnded, RoleChanged]
    assert heard[1].previous_role == "agent"
    assert world.read(lambda conn: queries.find_session(conn, secret)) is None


def test_the_same_role_again_changes_nothing(world: World) -> None:
    heard = world.record(RoleChanged, SessionsEnded, PersonJoined)
    bob = _person(world, "bob", "agent")
    del heard[:]
    assert world.write(lambda tx: actions.grant_role(tx, SHOP_A, bob, "agent")) == 1
    assert heard == []


def test_two_managers_who_change_the_same_person_cannot_both_win(world: World) -> None:
    bob = _person(world, "bob", "agent")
    world.write(lambda tx: actions.grant_role(tx, SHOP_A, bob, "viewer", None, Change("", 1)))
    code = _code(world, lambda tx: actions.grant_role(tx, SHOP_A, bob, "inspector", None, Change("", 1)))
    assert code == "kit.stale"
    assert _role(world, bob) == "viewer"


def test_a_shop_keeps_an_owner(world: World) -> None:
    alice = _person(world, "alice", "owner")
    assert _code(world, lambda tx: actions.grant_role(tx, SHOP_A, alice, "agent")) == "access.last_owner"
    assert _code(world, lambda tx: actions.remove_member(tx, SHOP_A, alice)) == "access.last_owner"
    second = _person(world, "olga", "owner")
    world.write(lambda tx: actions.remove_member(tx, SHOP_A, alice, Change("离职")))
    assert (_role(world, alice), _role(world, second)) == (None, "owner")


def test_an_owner_elsewhere_does_not_count(world: World) -> None:
    alice = _person(world, "alice", "owner")
    _person(world, "olga", "owner", SHOP_B)
    assert _code(world, lambda tx: actions.remove_member(tx, SHOP_A, alice)) == "access.last_owner"


def test_who_left_has_no_rights_and_may_come_back(world: World) -> None:
    heard = world.record(PersonJoined, PersonLeft)
    bob = _person(world, "bob", "agent")
    secret = _open(world, bob)
    world.write(lambda tx: actions.remove_member(tx, SHOP_A, bob, Change("离职")))
    assert world.read(lambda conn: queries.find_session(conn, secret)) is None
    assert world.read(lambda conn: queries.list_shop_roles(conn, bob)) == {}
    assert _code(world, lambda tx: actions.remove_member(tx, SHOP_A, bob)) == "kit.not_found"
    world.write(lambda tx: actions.grant_role(tx, SHOP_A, bob, "viewer", [7, 3, 7]))
    assert [type(event) for event in heard] == [PersonJoined, PersonLeft, PersonJoined]
    assert heard[2].group_ids == (3, 7)
    assert world.read(lambda conn: queries.get_member(conn, SHOP_A, bob)).version == 3


def test_groups_follow_staff_without_ending_sessions(world: World) -> None:
    bob = _person(world, "bob", "agent")
    secret = _open(world, bob)
    world.write(lambda tx: actions.set_groups(tx, SHOP_A, bob, [9, 4]))
    identity = world.read(lambda conn: queries.find_session(conn, secret))
    assert identity is not None
    assert identity.shops[SHOP_A].group_ids == (4, 9)
    world.write(lambda tx: actions.set_groups(tx, SHOP_B, bob, [1]))
    assert _role(world, bob, SHOP_B) is None


def test_a_change_rings_the_bell_that_empties_the_memories(world: World) -> None:
    bob = _person(world, "bob", "agent")

    def rings(fn: object) -> set[str]:
        return world.write(lambda tx: (fn(tx), set(tx.rings))[1])  # type: ignore[operator]

    assert "access" in rings(lambda tx: actions.set_groups(tx, SHOP_A, bob, [5]))
    assert "access" in rings(lambda tx: actions.grant_role(tx, SHOP_A, bob, "viewer"))
    _open(world, bob)
    assert "access" in rings(lambda tx: actions.set_password(tx, bob, "hash"))
    assert "access" in rings(lambda tx: actions.remove_member(tx, SHOP_A, bob))


def test_every_change_is_in_the_audit_log_of_its_shop_with_who_did_it(world: World) -> None:
    bob = _person(world, "bob", "agent")
    boss = Actor("user", 77, "Olga", "9.9.9.9")
    world.write(lambda tx: actions.grant_role(tx, SHOP_A, bob, "viewer", None, Change("试用")), boss)
    world.write(lambda tx: actions.remove_member(tx, SHOP_A, bob, Change("离职")), boss)
    rows = world.read(lambda conn: audit.newest(conn, [SHOP_A], 10))
    assert [row["action"] for row in rows[:2]] == ["access.member_removed", "access.role_granted"]
    assert {row["actor_name"] for row in rows[:2]} == {"Olga"}
    assert rows[1]["detail"] == {"role": "viewer", "previous_role": "agent", "reason": "试用"}
    assert world.read(audit.verify).broken_at is None
