"""New targets for running clocks, each with a row that says why (spec §2.3, §2.4; issue 2, item 7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from miaohui.kit import jobs
from miaohui.shop import actions as shop_actions
from miaohui.shop.actions import Edit
from miaohui.sla import queries
from miaohui.sla.actions import retarget_clocks
from miaohui.sla.actions.clocks import Wait, start_clock
from miaohui.sla.events import ClockBreached, ClockRetargeted
from miaohui.sla.store import clocks
from tests.sla.office import AFTERSALE, ALICE, BOB, PRESALE, Office
from tests.world import SHOP_A, SHOP_B, World

CHAT = 900


@pytest.fixture
def office(world: World) -> Office:
    return Office(world).open_shops()


def clock_of(office: Office, conversation_id: int = CHAT):
    return office.world.read(lambda conn: queries.find_open_clock(conn, SHOP_A, conversation_id))


def test_a_stricter_policy_gives_running_clocks_the_whole_new_target(office: Office) -> None:
    office.pass_time(4 * 3600)  # midnight: a new shop's 180 s
    office.buyer_writes(CHAT)
    office.pass_time(100)
    office.world.write(lambda tx: shop_actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}))
    clock, now = clock_of(office), office.world.clock.now()
    assert (clock.due_at - now, clock.target_s) == (timedelta(seconds=60), 60)
    (row,) = office.world.read(lambda conn: queries.list_retargets(conn, SHOP_A, clock.id))
    assert (row.why_zh, row.old_target_s, row.new_target_s) == ("规则变更：店铺分层第 1 版", 180, 60)
    assert office.of(ClockRetargeted)[0].new_due_at == clock.due_at


def test_a_milder_policy_moves_the_deadline_back(office: Office) -> None:
    office.buyer_writes(CHAT)
    start = office.world.clock.now()
    office.pass_time(15)
    value = {"periods": [], "groups": {}}
    office.world.write(lambda tx: shop_actions.set_policy(tx, SHOP_A, "response_targets", value))
    assert clock_of(office).due_at - start == timedelta(seconds=180)
    office.pass_time(179.999 - 15)
    assert office.of(ClockBreached) == []
    office.pass_time(0.001)
    assert len(office.of(ClockBreached)) == 1


def test_a_policy_for_tomorrow_and_one_of_another_shop_leave_clocks_alone(office: Office) -> None:
    office.buyer_writes(CHAT)
    due = clock_of(office).due_at
    later = office.world.clock.now() + timedelta(days=1)
    value = {"periods": [], "groups": {}}
    edit = Edit(effective_from=later)
    office.world.write(lambda tx: shop_actions.set_policy(tx, SHOP_A, "response_targets", value, edit))
    office.world.write(lambda tx: shop_actions.set_policy(tx, SHOP_B, "response_targets", value))
    assert clock_of(office).due_at == due
    assert office.of(ClockRetargeted) == []


def test_a_live_session_that_begins_now_guards_running_clocks(office: Office) -> None:
    """spec §2.4."""
    office.pass_time(4 * 3600)
    office.buyer_writes(CHAT)
    now = office.world.clock.now()
    plan = shop_actions.LivePlan("夜场", now, now + timedelta(hours=2))
    live = office.world.write(lambda tx: shop_actions.plan_live_session(tx, SHOP_A, plan))
    clock = clock_of(office)
    assert (clock.due_at - now, clock.reason_zh) == (timedelta(seconds=20), "新店 ≤20 秒 · 特护时段")
    office.world.write(lambda tx: shop_actions.cancel_live_session(tx, SHOP_A, live, "改期"))
    assert clock_of(office).due_at - now == timedelta(seconds=180)
    rows = office.world.read(lambda conn: queries.list_retargets(conn, SHOP_A, clock.id))
    assert [row.why_zh for row in rows] == ["新增直播：夜场", "直播取消：夜场"]


def test_a_breached_clock_keeps_its_broken_promise(office: Office) -> None:
    office.buyer_writes(CHAT)
    office.pass_time(30)
    due = clock_of(office).due_at
    office.world.write(
        lambda tx: shop_actions.set_policy(tx, SHOP_A, "response_targets", {"periods": [], "groups": {}})
    )
    assert clock_of(office).due_at == due
    office.pass_time(3600)
    assert len(office.of(ClockBreached)) == 1


def test_another_group_brings_its_own_target(office: Office) -> None:
    value = {"periods": [], "groups": {str(AFTERSALE): {"target_s": 240}, str(PRESALE): {"target_s": 40}}}
    office.world.write(lambda tx: shop_actions.set_policy(tx, SHOP_A, "response_targets", value))
    office.enter(CHAT)
    office.assign(CHAT, ALICE, PRESALE)
    office.buyer_writes(CHAT)
    start = office.world.clock.now()
    assert clock_of(office).target_s == 40
    office.assign(CHAT, BOB, AFTERSALE)
    clock = clock_of(office)
    assert (clock.due_at - start, clock.agent_id) == (timedelta(seconds=240), BOB)


def test_many_open_clocks_are_retargeted_300_at_a_time(office: Office) -> None:
    """The lane stays free: what is left goes on as a job."""

    def fill(tx) -> None:
        for n in range(650):
            start_clock(tx, SHOP_A, 10_000 + n, Wait(50_000 + n, tx.now, tx.now))

    office.world.write(fill)
    office.world.write(
        lambda tx: shop_actions.set_policy(tx, SHOP_A, "response_targets", {"periods": [], "groups": {}})
    )
    assert len(office.of(ClockRetargeted)) == 300
    now = office.world.clock.now()
    (job,) = office.world.write(lambda tx: jobs.claim(tx.conn, now, "w", 10))
    after_id, rounds = job.args["after_id"], 0
    while after_id is not None:
        after_id = office.world.write(
            lambda tx, a=after_id: retarget_clocks(tx, SHOP_A, job.args["why_zh"], a)
        )
        rounds += 1
    assert (len(office.of(ClockRetargeted)), rounds) == (650, 2)
    targets = office.world.read(lambda c: c.execute(clocks.select()).all())
    assert {row.target_s for row in targets} == {180}
