"""The team in the database: groups, agents, dated capacity, skills, reserve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from miaohui.kit.errors import Refusal
from miaohui.kit.tx import Tx
from miaohui.staff import actions, jobs, queries
from miaohui.staff.actions import AgentDraft, CapacityChange, GroupDraft
from miaohui.staff.events import AgentDeparted, AgentJoined, CapacityChanged, MembershipChanged, SkillsChanged
from miaohui.staff.model import Skill
from tests.world import ALICE, BOB, SHOP_A, SHOP_B, World


def groups_of(world: World, shop_id: int = SHOP_A) -> dict[str, int]:
    return world.write(lambda tx: actions.ensure_default_groups(tx, shop_id))


def add(world: World, user_id: int, *group_ids: int, shop_id: int = SHOP_A, capacity: int = 10) -> None:
    draft = AgentDraft(user_id, f"客服{user_id}", group_ids, capacity)
    world.write(lambda tx: actions.add_agent(tx, shop_id, draft))


def refused(world: World, fn: Callable[[Tx], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        world.write(fn)
    return caught.value


def test_a_shop_starts_with_presale_orders_aftersale_and_live_groups(world: World) -> None:
    ids = groups_of(world)
    found = world.read(lambda conn: queries.list_groups(conn, SHOP_A))
    assert [g.name for g in found] == ["售前", "售中", "售后", "直播"]  # spec §1.1, §1.4
    assert groups_of(world) == ids
    assert len(world.read(lambda conn: queries.list_groups(conn, SHOP_A))) == 4
    assert found[0].overflow_group_ids == (ids["orders"], ids["after_sale"])


def test_groups_of_another_shop_stay_unseen(world: World) -> None:
    theirs = groups_of(world, SHOP_B)
    assert world.read(lambda conn: queries.list_groups(conn, SHOP_A)) == []
    refusal = refused(
        world, lambda tx: actions.change_group(tx, SHOP_A, theirs["live"], GroupDraft("live", "抢"), 1)
    )
    assert refusal.code == "staff.group_missing"


def test_a_stale_group_edit_is_refused_with_the_current_value(world: World) -> None:
    live = groups_of(world)["live"]
    world.write(lambda tx: actions.change_group(tx, SHOP_A, live, GroupDraft("live", "直播专席"), 1))
    refusal = refused(world, lambda tx: actions.change_group(tx, SHOP_A, live, GroupDraft("live", "二号"), 1))
    assert (refusal.code, refusal.detail["version"], refusal.detail["name"]) == ("kit.stale", 2, "直播专席")


def test_overflow_order_is_kept_and_checked(world: World) -> None:
    ids = groups_of(world)
    order = [ids["after_sale"], ids["pre_sale"]]
    world.write(lambda tx: actions.set_overflow(tx, SHOP_A, ids["live"], order, 1))
    group = world.read(lambda conn: queries.get_group(conn, SHOP_A, ids["live"]))
    assert group.overflow_group_ids == tuple(order)
    refusal = refused(world, lambda tx: actions.set_overflow(tx, SHOP_A, ids["live"], [ids["live"]], 2))
    assert refusal.code == "staff.bad_overflow"


def test_a_group_with_members_cannot_be_archived_and_an_archived_one_leaves_the_overflow(
    world: World,
) -> None:
    ids = groups_of(world)
    add(world, BOB, ids["orders"])
    refusal = refused(world, lambda tx: actions.archive_group(tx, SHOP_A, ids["orders"], "合并", 1))
    assert (refusal.code, refusal.detail["user_ids"]) == ("staff.group_in_use", [BOB])
    world.write(lambda tx: actions.change_agent(tx, SHOP_A, AgentDraft(BOB, "小白", (ids["live"],)), 1))
    world.write(lambda tx: actions.archive_group(tx, SHOP_A, ids["orders"], "合并", 1))
    left = world.read(lambda conn: queries.list_groups(conn, SHOP_A))
    assert ids["orders"] not in [g.id for g in left]
    assert all(ids["orders"] not in g.overflow_group_ids for g in left)


def test_an_agent_has_groups_in_order_and_a_capacity_of_ten(world: World) -> None:
    ids = groups_of(world)
    world.record(AgentJoined)
    world.write(
        lambda tx: actions.add_agent(tx, SHOP_A, AgentDraft(BOB, "小白", (ids["live"], ids["orders"])))
    )
    agent = world.read(lambda conn: queries.get_agent(conn, SHOP_A, BOB))
    assert (agent.display_name, agent.max_concurrency) == ("小白", 10)  # domain.md §5.3
    assert agent.group_ids == (ids["live"], ids["orders"])
    assert world.read(lambda conn: queries.group_ids_of(conn, SHOP_A, BOB)) == [ids["live"], ids["orders"]]
    assert [e.user_id for e in world.published] == [BOB]
    assert refused(world, lambda tx: actions.add_agent(tx, SHOP_A, AgentDraft(BOB, "小白"))).code == (
        "staff.agent_exists"
    )


def test_an_agent_cannot_join_a_group_of_another_shop(world: World) -> None:
    theirs = groups_of(world, SHOP_B)["live"]
    refusal = refused(world, lambda tx: actions.add_agent(tx, SHOP_A, AgentDraft(BOB, "小白", (theirs,))))
    assert refusal.code == "staff.group_missing"
    assert world.read(lambda conn: queries.find_agent(conn, SHOP_A, BOB)) is None


def test_changing_groups_tells_who_moved_from_where(world: World) -> None:
    ids = groups_of(world)
    add(world, BOB, ids["live"])
    world.record(MembershipChanged)
    world.write(lambda tx: actions.change_agent(tx, SHOP_A, AgentDraft(BOB, "小白", (ids["orders"],)), 1))
    world.write(lambda tx: actions.change_agent(tx, SHOP_A, AgentDraft(BOB, "白白", (ids["orders"],)), 2))
    assert [(e.previous_group_ids, e.group_ids) for e in world.published] == [
        ((ids["live"],), (ids["orders"],))
    ]


def test_capacity_is_dated_and_announced_at_its_time_exactly_once(world: World) -> None:
    add(world, BOB)
    world.record(CapacityChanged)
    later = world.clock.now() + timedelta(hours=1)
    change = CapacityChange(20, "大促", later)
    world.write(lambda tx: actions.set_capacity(tx, SHOP_A, BOB, change, 1))
    assert world.published == []
    assert world.read(jobs.TIMERS[0].next_due) == later
    assert world.write(jobs.TIMERS[0].fire) == 0
    assert world.read(lambda conn: queries.capacity_at(conn, SHOP_A, BOB, world.clock.now())) == 10
    world.clock.advance(3600)
    assert world.write(jobs.TIMERS[0].fire) == 1
    assert world.write(jobs.TIMERS[0].fire) == 0
    assert [(e.user_id, e.max_concurrency) for e in world.published] == [(BOB, 20)]
    assert world.read(lambda conn: queries.capacity_at(conn, SHOP_A, BOB, world.clock.now())) == 20


def test_a_change_for_now_beats_a_plan_until_the_plan_starts(world: World) -> None:
    add(world, BOB)
    later = world.clock.now() + timedelta(hours=1)
    world.write(lambda tx: actions.set_capacity(tx, SHOP_A, BOB, CapacityChange(20, "大促", later), 1))
    world.write(lambda tx: actions.set_capacity(tx, SHOP_A, BOB, CapacityChange(5, "新人"), 2))
    profiles = world.read(lambda conn: queries.list_profiles(conn, SHOP_A, world.clock.now()))
    assert [p.max_concurrency for p in profiles] == [5]
    world.clock.advance(3600)
    profiles = world.read(lambda conn: queries.list_profiles(conn, SHOP_A, world.clock.now()))
    assert [p.max_concurrency for p in profiles] == [20]


@pytest.mark.parametrize("capacity", [0, 51, -1])
def test_capacity_outside_1_to_50_is_refused(world: World, capacity: int) -> None:
    add(world, BOB)
    change = CapacityChange(capacity)
    assert refused(world, lambda tx: actions.set_capacity(tx, SHOP_A, BOB, change, 1)).code == (
        "staff.bad_capacity"
    )


def test_a_stale_capacity_edit_is_refused(world: World) -> None:
    add(world, BOB)
    world.write(lambda tx: actions.set_capacity(tx, SHOP_A, BOB, CapacityChange(12), 1))
    refusal = refused(world, lambda tx: actions.set_capacity(tx, SHOP_A, BOB, CapacityChange(8), 1))
    assert (refusal.code, refusal.detail) == ("kit.stale", {"version": 2, "max_concurrency": 12})


def test_skills_are_replaced_with_history_and_a_version(world: World) -> None:
    add(world, BOB)
    world.record(SkillsChanged)
    first = [Skill("platform_rules", 2, date(2026, 12, 31)), Skill("feige_operation", 3)]
    assert world.write(lambda tx: actions.set_skills(tx, SHOP_A, BOB, first, 0)) == 1
    assert world.write(lambda tx: actions.set_skills(tx, SHOP_A, BOB, first[:1], 1)) == 2
    assert world.read(lambda conn: queries.list_skills(conn, SHOP_A, BOB)) == first[:1]
    assert refused(world, lambda tx: actions.set_skills(tx, SHOP_A, BOB, [], 1)).code == "kit.stale"
    assert len(world.published) == 2
    profile = world.read(lambda conn: queries.list_profiles(conn, SHOP_A, world.clock.now()))[0]
    assert profile.skills == {"platform_rules": first[0]}


def test_a_shop_adds_its_own_skill_once(world: World) -> None:
    add(world, BOB)
    skills = [Skill("skincare", 4)]
    assert refused(world, lambda tx: actions.set_skills(tx, SHOP_A, BOB, skills, 0)).code == "staff.bad_skill"
    world.write(lambda tx: actions.add_skill_kind(tx, SHOP_A, "skincare", "护肤品"))
    world.write(lambda tx: actions.set_skills(tx, SHOP_A, BOB, skills, 0))
    assert world.read(lambda conn: queries.skill_catalogue(conn, SHOP_A))["skincare"] == "护肤品"
    assert "skincare" not in world.read(lambda conn: queries.skill_catalogue(conn, SHOP_B))
    again = refused(world, lambda tx: actions.add_skill_kind(tx, SHOP_A, "skincare", "护肤"))
    assert again.code == "staff.bad_skill"


def test_who_leaves_is_gone_from_dispatch_and_can_come_back(world: World) -> None:
    live = groups_of(world)["live"]
    add(world, BOB, live)
    world.record(AgentDeparted, AgentJoined)
    world.write(lambda tx: actions.depart_agent(tx, SHOP_A, BOB, "离职"))
    world.write(lambda tx: actions.depart_agent(tx, SHOP_A, BOB, "离职"))
    assert world.read(lambda conn: queries.list_profiles(conn, SHOP_A, world.clock.now())) == []
    assert world.read(lambda conn: queries.list_agents(conn, SHOP_A)) == []
    world.write(lambda tx: actions.return_agent(tx, SHOP_A, BOB))
    assert [type(e) for e in world.published] == [AgentDeparted, AgentJoined]
    profile = world.read(lambda conn: queries.list_profiles(conn, SHOP_A, world.clock.now()))[0]
    assert profile.group_ids == {live}


def test_the_reserve_says_how_many_are_missing(world: World) -> None:
    for user_id in range(1, 22):
        add(world, user_id)
    world.write(lambda tx: actions.join_reserve(tx, SHOP_A, ALICE, "自愿"))
    world.write(lambda tx: actions.join_reserve(tx, SHOP_A, ALICE, "自愿"))
    standing = world.read(lambda conn: queries.reserve_standing(conn, SHOP_A, world.clock.now()))
    assert (standing.required_count, standing.user_ids, standing.missing_count) == (2, (ALICE,), 1)  # §2.6
    world.write(lambda tx: actions.set_reserve_target(tx, SHOP_A, 0.0, "淡季", 0))
    world.write(lambda tx: actions.depart_agent(tx, SHOP_A, ALICE, "离职"))
    standing = world.read(lambda conn: queries.reserve_standing(conn, SHOP_A, world.clock.now()))
    assert (standing.required_count, standing.user_ids, standing.version) == (0, (), 1)
    assert refused(world, lambda tx: actions.set_reserve_target(tx, SHOP_A, 0.1, "", 0)).code == "kit.stale"
