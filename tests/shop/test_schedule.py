"""Tiers, live sessions, promotions, exceptional days (spec §1.3, §2.4, §2.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from miaohui.kit.errors import Refusal
from miaohui.shop import actions, queries
from miaohui.shop.actions import LivePlan, PromotionPlan
from miaohui.shop.events import CalendarChanged, LiveSessionChanged, PromotionChanged, TierChangeProposed
from miaohui.shop.jobs import measure_tier
from miaohui.shop.model import POLICIES, Guard, LiveSession
from miaohui.shop.model.live import guard_span
from miaohui.shop.model.tiers import tier_of, tiers_of
from tests.world import SHOP_A, SHOP_B, World

GUARD = Guard(1800, 3600, 20, 14_400)
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def shop(world: World) -> World:
    for shop_id in (SHOP_A, SHOP_B):
        world.write(lambda tx, s=shop_id: actions.create_shop(tx, "店", shop_id=s))
    return world


@pytest.mark.parametrize(
    ("orders", "tier"),
    [(0, "new"), (49.9, "new"), (50, "growing"), (299.9, "growing"), (300, "ka"), (100_000, "ka")],
)
def test_the_tier_follows_from_the_orders_a_day(orders: float, tier: str) -> None:
    """spec §1.3: boundaries 50 → growing, 300 → KA."""
    assert tier_of(orders, tiers_of(POLICIES["tiers"].default)).tier == tier


def test_a_tier_change_is_a_proposal_and_never_a_silent_switch(shop: World) -> None:
    """spec §1.3."""
    events = shop.record(TierChangeProposed)
    proposal = shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 320.0, 7))
    assert (events[0].from_tier, events[0].to_tier, events[0].orders_per_day) == ("new", "ka", 320.0)
    assert shop.read(lambda c: queries.get_tier(c, SHOP_A, shop.clock.now())).tier == "new"
    shop.write(lambda tx: actions.decide_tier_proposal(tx, SHOP_A, proposal, "accepted", ""))
    tier = shop.read(lambda c: queries.get_tier(c, SHOP_A, shop.clock.now()))
    assert (tier.tier, tier.target_s) == ("ka", 60)
    history = shop.read(lambda c: queries.list_policy_history(c, SHOP_A, "tier"))
    assert history[0].reason == "近 7 天日均 320 单"


def test_the_same_tier_is_not_proposed_again_while_open_nor_right_after_a_no(shop: World) -> None:
    proposal = shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 60, 7))
    assert shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 61, 7)) is None
    shop.write(lambda tx: actions.decide_tier_proposal(tx, SHOP_A, proposal, "declined", "大促虚高"))
    assert shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 62, 7)) is None
    shop.clock.advance(15 * 86_400)
    assert shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 63, 7)) is not None
    assert shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 20, 7)) is None
    with pytest.raises(Refusal, match="shop.already_decided"):
        shop.write(lambda tx: actions.decide_tier_proposal(tx, SHOP_A, proposal, "accepted", ""))


def test_a_proposal_of_another_shop_is_not_found(shop: World) -> None:
    proposal = shop.write(lambda tx: actions.propose_tier(tx, SHOP_A, 60, 7))
    with pytest.raises(Refusal, match="kit.not_found"):
        shop.write(lambda tx: actions.decide_tier_proposal(tx, SHOP_B, proposal, "accepted", ""))


def session(**facts: datetime) -> LiveSession:
    return LiveSession(1, "晚场", "1号", "小美", START, START + timedelta(hours=2), **facts)


@pytest.mark.parametrize(
    ("facts", "at_min", "start_min", "end_min"),
    [
        ({}, 0, -30, 180),
        ({"actual_start_at": START - timedelta(minutes=10)}, 0, -40, 180),
        ({"actual_start_at": START + timedelta(minutes=10)}, 30, -30, 180),
        ({"actual_start_at": START, "actual_end_at": START + timedelta(minutes=90)}, 100, -30, 150),
        ({"actual_start_at": START}, 150, -30, 210),
        ({"actual_start_at": START}, 5000, -30, 120 + 240 + 60),
    ],
)
def test_the_guard_window_runs_from_30_min_before_to_1_h_after(facts, at_min, start_min, end_min) -> None:
    """spec §2.4; it follows an early start, an early end and an overrun (at most 4 h of it, ours)."""
    span = guard_span(session(**facts), GUARD, START + timedelta(minutes=at_min))
    assert span is not None
    assert (span.start_at - START, span.end_at - START) == (
        timedelta(minutes=start_min),
        timedelta(minutes=end_min),
    )


def test_a_cancelled_session_has_no_guard_window() -> None:
    assert guard_span(session(cancelled_at=START), GUARD, START) is None


def plan(shop: World, hours: float = 2.0) -> LivePlan:
    start = shop.clock.now() + timedelta(hours=1)
    return LivePlan("晚场", start, start + timedelta(hours=hours), "1号直播间", "小美")


def test_a_live_session_is_planned_started_extended_and_ended_with_a_row_each(shop: World) -> None:
    events = shop.record(LiveSessionChanged)
    live_id = shop.write(lambda tx: actions.plan_live_session(tx, SHOP_A, plan(shop)))
    shop.clock.advance(3600)
    shop.write(lambda tx: actions.start_live_session(tx, SHOP_A, live_id))
    longer = shop.clock.now() + timedelta(hours=3)
    shop.write(lambda tx: actions.extend_live_session(tx, SHOP_A, live_id, longer, "加播"))
    shop.clock.advance(9000)
    row = shop.write(lambda tx: actions.end_live_session(tx, SHOP_A, live_id))
    assert (row.planned_end_at, row.actual_end_at) == (longer, shop.clock.now())
    assert [e.change for e in events] == ["planned", "started", "extended", "ended"]
    changes = shop.read(lambda c: queries.list_live_changes(c, SHOP_A, live_id))
    assert [(c.change, c.reason) for c in changes][2] == ("extended", "加播")
    with pytest.raises(Refusal, match="shop.wrong_live_state"):
        shop.write(lambda tx: actions.start_live_session(tx, SHOP_A, live_id))


def test_a_stale_move_of_a_live_session_is_refused_with_its_current_state(shop: World) -> None:
    live_id = shop.write(lambda tx: actions.plan_live_session(tx, SHOP_A, plan(shop)))
    moved = shop.write(lambda tx: actions.edit_live_session(tx, SHOP_A, live_id, 1, plan(shop, 3)))
    assert moved.version == 2
    with pytest.raises(Refusal) as refused:
        shop.write(lambda tx: actions.edit_live_session(tx, SHOP_A, live_id, 1, plan(shop, 4)))
    assert refused.value.code == "kit.stale"
    assert refused.value.detail["current"]["version"] == 2


@pytest.mark.parametrize("hours", [0, -1, 73])
def test_a_live_session_ends_after_it_starts_and_within_72_hours(shop: World, hours: float) -> None:
    with pytest.raises(Refusal, match="shop.bad_times"):
        shop.write(lambda tx: actions.plan_live_session(tx, SHOP_A, plan(shop, hours)))


def test_charlies_shop_cannot_touch_our_live_session(shop: World) -> None:
    live_id = shop.write(lambda tx: actions.plan_live_session(tx, SHOP_A, plan(shop)))
    with pytest.raises(Refusal, match="kit.not_found"):
        shop.write(lambda tx: actions.cancel_live_session(tx, SHOP_B, live_id, ""))


def test_a_promotion_has_three_shifts_by_default_and_can_be_moved_and_cancelled(shop: World) -> None:
    """spec §2.5."""
    events = shop.record(PromotionChanged)
    now = shop.clock.now()
    first = PromotionPlan("双十二", now, now + timedelta(days=3))
    promotion_id = shop.write(lambda tx: actions.plan_promotion(tx, SHOP_A, first))
    row = shop.read(lambda c: queries.get_promotion(c, SHOP_A, promotion_id))
    assert row.shift_count == 3
    later = PromotionPlan("双十二", now, now + timedelta(days=4), target_s=15)
    row = shop.write(lambda tx: actions.edit_promotion(tx, SHOP_A, promotion_id, 1, later))
    assert (row.version, row.target_s) == (2, 15)
    shop.write(lambda tx: actions.cancel_promotion(tx, SHOP_A, promotion_id, "改期"))
    assert [e.change for e in events] == ["planned", "moved", "cancelled"]
    assert shop.read(lambda c: queries.get_rulebook(c, SHOP_A, now)).promotions == ()


def test_an_exceptional_day_replaces_the_one_before_and_can_be_removed(shop: World) -> None:
    events = shop.record(CalendarChanged)
    day = date(2027, 2, 6)
    shop.write(lambda tx: actions.set_calendar_exception(tx, SHOP_A, day, "除夕", []))
    shop.write(lambda tx: actions.set_calendar_exception(tx, SHOP_A, day, "除夕", [["10:00", "24:00"]]))
    book = shop.read(lambda c: queries.get_rulebook(c, SHOP_A, shop.clock.now()))
    assert [(w.start_s, w.end_s) for w in book.exceptions[day].windows] == [(36_000, 86_400)]
    shop.write(lambda tx: actions.remove_calendar_exception(tx, SHOP_A, day))
    with pytest.raises(Refusal, match="kit.not_found"):
        shop.write(lambda tx: actions.remove_calendar_exception(tx, SHOP_A, day))
    assert [e.change for e in events] == ["set", "set", "removed"]


def test_an_exceptional_day_with_a_bad_window_is_refused(shop: World) -> None:
    with pytest.raises(Refusal) as refused:
        shop.write(
            lambda tx: actions.set_calendar_exception(tx, SHOP_A, date(2027, 2, 6), "除夕", [["9", "18:00"]])
        )
    assert refused.value.detail["problems"][0]["path"] == "windows.0.0"


def test_the_orders_of_seven_whole_days_are_measured_against_the_tier(shop: World) -> None:
    """spec §1.3: measured, whole local days, none before the shop was made."""
    asked: list[tuple[datetime, datetime]] = []

    def count_orders(conn, shop_id, start, end) -> int:
        asked.append((start, end))
        return 60 * (end - start).days

    measure = lambda: shop.write(lambda tx: measure_tier(tx, SHOP_A, count_orders))
    assert measure() is None
    assert asked == []
    shop.clock.advance(3 * 86_400)
    assert measure() is not None
    shop.clock.advance(30 * 86_400)
    measure()
    assert [(end - start).days for start, end in asked] == [3, 7]
    assert all((start.hour, end.hour) == (0, 0) for start, end in asked)
    proposal = shop.read(lambda c: queries.list_tier_proposals(c, SHOP_A))[0]
    assert (proposal.orders_per_day, proposal.to_tier, proposal.measured_days) == (60.0, "growing", 3)
