"""Who is invited into groups is on the team; who leaves is off it; groups bound what a log-in sees (spec §1.1)."""

from __future__ import annotations

import pytest

from miaohui.access import actions as access_actions
from miaohui.access import events as access
from miaohui.access import queries as access_queries
from miaohui.access.actions import Change
from miaohui.app.settings import Settings
from miaohui.app.team import (
    access_policy,
    let_agent_of_leaver_go,
    let_agent_see_own_groups,
    make_agent_of_newcomer,
)
from miaohui.kit.tx import Tx
from miaohui.staff import actions as staff_actions
from miaohui.staff import events as staff
from miaohui.staff import queries as staff_queries
from miaohui.staff.actions import AgentDraft
from tests.world import SHOP_A, World


@pytest.fixture
def groups(world: World) -> dict[str, int]:
    world.wiring.on(access.PersonJoined, make_agent_of_newcomer)
    world.wiring.on(access.PersonLeft, let_agent_of_leaver_go)
    world.wiring.on(staff.AgentJoined, let_agent_see_own_groups)
    world.wiring.on(staff.MembershipChanged, let_agent_see_own_groups)
    return world.write(lambda tx: staff_actions.ensure_default_groups(tx, SHOP_A))


def _person(world: World, role: str, group_ids: list[int] | None = None) -> int:
    def add(tx: Tx) -> int:
        user_id = access_actions.create_user(tx, "bob", "小明")
        access_actions.grant_role(tx, SHOP_A, user_id, role, group_ids)
        return user_id

    return world.write(add)


def _seen_groups(world: World, user_id: int) -> tuple[int, ...]:
    found = world.read(lambda conn: access_queries.find_membership(conn, SHOP_A, user_id))
    return found.group_ids if found else ()


def test_somebody_invited_into_groups_is_an_agent_there(world: World, groups: dict[str, int]) -> None:
    first = next(iter(groups.values()))
    bob = _person(world, "agent", [first, 999])
    agent = world.read(lambda conn: staff_queries.find_agent(conn, SHOP_A, bob))
    assert agent is not None
    assert (agent.display_name, agent.group_ids) == ("小明", (first,))
    assert _seen_groups(world, bob) == (first,)


@pytest.mark.parametrize("role", ["viewer", "inspector"])
def test_who_may_not_reply_is_no_agent(world: World, groups: dict[str, int], role: str) -> None:
    bob = _person(world, role, list(groups.values())[:1])
    assert world.read(lambda conn: staff_queries.find_agent(conn, SHOP_A, bob)) is None


def test_a_seeded_agent_is_added_by_hand_and_sees_the_groups(world: World, groups: dict[str, int]) -> None:
    bob = _person(world, "agent")
    two = tuple(sorted(groups.values())[:2])
    world.write(lambda tx: staff_actions.add_agent(tx, SHOP_A, AgentDraft(bob, "小明", two)))
    assert _seen_groups(world, bob) == two
    world.write(lambda tx: staff_actions.change_agent(tx, SHOP_A, AgentDraft(bob, "小明", two[:1]), 1))
    assert _seen_groups(world, bob) == two[:1]


def test_who_loses_every_right_is_off_the_team_and_may_come_back(
    world: World, groups: dict[str, int]
) -> None:
    first = next(iter(groups.values()))
    world.write(
        lambda tx: access_actions.grant_role(
            tx, SHOP_A, access_actions.create_user(tx, "olga", "Olga"), "owner"
        )
    )
    bob = _person(world, "agent", [first])
    world.write(lambda tx: access_actions.remove_member(tx, SHOP_A, bob, Change("离职")))
    agent = world.read(lambda conn: staff_queries.get_agent(conn, SHOP_A, bob))
    assert agent.departed_at is not None
    world.write(lambda tx: access_actions.grant_role(tx, SHOP_A, bob, "agent"))
    agent = world.read(lambda conn: staff_queries.get_agent(conn, SHOP_A, bob))
    assert agent.departed_at is None
    assert _seen_groups(world, bob) == (first,)


@pytest.mark.parametrize(
    ("public_url", "secure", "origins"),
    [
        ("", False, set()),
        ("https://KEFU.example/desk", True, {"https://kefu.example"}),
        ("http://10.0.0.5:8720", False, {"http://10.0.0.5:8720"}),
    ],
)
def test_log_ins_follow_the_public_address(public_url: str, secure: bool, origins: set[str]) -> None:
    policy = access_policy(
        Settings(public_url=public_url, password_profile="douyin", totp_roles="owner, manager")
    )
    assert (policy.secure_cookie, policy.allowed_origins) == (secure, frozenset(origins))
    assert policy.password_profile == "douyin"
    assert policy.totp_roles == {"owner", "manager"}


def test_a_misspelt_role_stops_the_start(world: World) -> None:
    with pytest.raises(ValueError, match="ownr"):
        access_policy(Settings(totp_roles="ownr"))
