"""When an answer is due and why: tables of the specification (spec §1.3, §2.3, §2.4, §2.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from miaohui.shop.model import POLICIES, SHANGHAI, CalendarException, LiveSession, Promotion, Rulebook, Window
from miaohui.shop.model.calendar import window
from miaohui.shop.model.tiers import tiers_of
from miaohui.sla.model import GroupTargets, Period, Rules, due_at, promise_for, rules_of
from miaohui.sla.model.rules import Hours

ARTICLE = rules_of(Rulebook(1, 1, {}, (), (), {}), datetime(2026, 11, 23, tzinfo=SHANGHAI))
TIER = {tier.tier: tier for tier in tiers_of(POLICIES["tiers"].default)}
KA = replace(ARTICLE, tier=TIER["ka"])
NINE_TO_SIX = {day: (window("09:00", "18:00"),) for day in range(1, 6)}


def at(text: str, day: int = 23) -> datetime:
    """Return a local time of November 2026; the 23rd is a Monday."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{text}+08:00").astimezone(SHANGHAI)


def waits_s(rules: Rules, text: str, group_id: int | None = None) -> float:
    return (due_at(at(text), rules, group_id) - at(text)).total_seconds()


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("00:00:00", 180), ("08:59:59.999", 180),
        ("09:00:00", 45), ("11:59:59.999", 45),
        ("12:00:00", 30), ("13:59:59.999", 30),
        ("14:00:00", 180), ("19:59:59.999", 180),
        ("20:00:00", 20), ("23:59:59.999", 20),
    ],
)  # fmt: skip
def test_each_period_has_its_target_and_other_hours_take_the_tiers(time: str, seconds: int) -> None:
    """spec §2.3; a new shop's other hours: ≤3 min, spec §1.3."""
    assert waits_s(ARTICLE, time) == seconds


@pytest.mark.parametrize(("tier", "seconds"), [("new", 180), ("growing", 90), ("ka", 60)])
def test_hours_without_a_period_take_the_tiers_target(tier: str, seconds: int) -> None:
    """spec §1.3."""
    rules = replace(ARTICLE, tier=TIER[tier])
    assert waits_s(rules, "15:30:00") == seconds
    assert waits_s(rules, "20:30:00") == 20


def test_evening_reply_is_due_after_20_seconds_even_over_midnight() -> None:
    """spec §2.3: 20:00–24:00 ≤20 s; 24:00 is known."""
    assert due_at(at("23:59:50"), ARTICLE) == at("00:00:10", day=24)


def test_the_reason_names_the_period_and_the_guard_window() -> None:
    live = LiveSession(1, "晚场", "", "", at("20:00:00"), at("22:00:00"))
    rules = replace(ARTICLE, live_sessions=(live,))
    assert promise_for(at("21:00:00"), rules).reason_zh == "晚间 ≤20 秒 · 特护时段"
    assert promise_for(at("19:45:00"), rules).reason_zh == "新店 ≤20 秒 · 特护时段"
    assert promise_for(at("15:00:00"), rules).reason_zh == "新店 ≤180 秒"


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("14:59:59.999", 180),
        ("15:00:00", 20),
        ("15:30:00", 20),
        ("18:29:59.999", 20),
        ("18:30:00", 180),
    ],
)
def test_the_guard_window_overrides_the_hours_target(time: str, seconds: int) -> None:
    """spec §2.4: 15:30–17:30 live, guarded 15:00–18:30."""
    live = LiveSession(1, "午场", "", "", at("15:30:00"), at("17:30:00"))
    assert waits_s(replace(ARTICLE, live_sessions=(live,)), time) == seconds


def test_a_guard_window_over_midnight_guards_the_next_day() -> None:
    """spec §2.4: a session to 00:30 is guarded to 01:30."""
    live = LiveSession(1, "夜场", "", "", at("22:30:00"), at("00:30:00", day=24))
    rules = replace(KA, live_sessions=(live,))
    assert due_at(at("01:29:59", day=24), rules) - at("01:29:59", day=24) == timedelta(seconds=20)
    assert due_at(at("01:30:00", day=24), rules) - at("01:30:00", day=24) == timedelta(seconds=60)


def test_a_guard_for_one_group_leaves_the_others_alone() -> None:
    live = LiveSession(1, "午场", "", "", at("15:30:00"), at("17:30:00"))
    guard = replace(ARTICLE.guard, group_ids=frozenset({7}))
    rules = replace(ARTICLE, live_sessions=(live,), guard=guard)
    assert (waits_s(rules, "16:00:00", 7), waits_s(rules, "16:00:00", 8)) == (20, 180)


def test_a_guard_without_a_target_keeps_the_hours_and_says_so() -> None:
    live = LiveSession(1, "早场", "", "", at("10:00:00"), at("11:00:00"))
    rules = replace(ARTICLE, live_sessions=(live,), guard=replace(ARTICLE.guard, target_s=None))
    assert promise_for(at("10:30:00"), rules).reason_zh == "上午 ≤45 秒 · 特护时段"


def test_a_groups_own_targets_come_before_the_shops() -> None:
    night = Period("夜班", window("22:00", "02:00"), 60)
    rules = replace(ARTICLE, groups={7: GroupTargets((night,), 120), 8: GroupTargets((), None)})
    cases = [("01:59:59", 7, 60), ("02:00:00", 7, 120), ("09:30:00", 7, 120), ("23:00:00", 7, 60)]
    cases += [("09:30:00", 8, 45), ("23:00:00", 8, 20), ("23:00:00", 9, 20)]
    assert [waits_s(rules, time, group) for time, group, _ in cases] == [s for _, _, s in cases]


def test_a_night_period_of_saturday_reaches_into_sunday_only() -> None:
    """A window over midnight belongs to the day it begins on."""
    night = Period("周六夜", window("22:00", "02:00"), 15, frozenset({6}))
    rules = replace(ARTICLE, periods=(night,))
    for day, time, seconds in [(28, "23:00:00", 15), (29, "01:59:59", 15), (28, "01:00:00", 180)]:
        assert due_at(at(time, day), rules) - at(time, day) == timedelta(seconds=seconds), (day, time)


def test_the_stricter_of_guard_and_promotion_wins() -> None:
    live = LiveSession(1, "", "", "", at("15:30:00"), at("17:30:00"))
    promotion = Promotion(1, "双十一", at("00:00:00"), at("00:00:00", 26), 3, target_s=15)
    rules = replace(ARTICLE, live_sessions=(live,), promotions=(promotion,))
    assert promise_for(at("16:00:00"), rules).reason_zh == "新店 ≤15 秒 · 特护时段 · 大促"
    assert waits_s(rules, "14:30:00") == 15


# ---- opening hours


def closed_shop(mode: str, **more: object) -> Rules:
    return replace(ARTICLE, periods=(), hours=Hours(NINE_TO_SIX, mode), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "received", "due"),
    [
        ("next_opening", "10:00:00", "10:03:00"),
        ("next_opening", "07:00:00", "09:03:00"),
        ("next_opening", "17:59:00", "18:02:00"),
        ("run", "07:00:00", "07:03:00"),
        ("pause", "07:00:00", "09:03:00"),
        ("pause", "10:00:00", "10:03:00"),
    ],
)
def test_closed_hours_wait_pause_or_run(mode: str, received: str, due: str) -> None:
    assert due_at(at(received), closed_shop(mode)) == at(due)


def test_a_paused_clock_goes_on_at_the_next_opening() -> None:
    assert due_at(at("17:59:00"), closed_shop("pause")) == at("09:02:00", day=24)


def test_a_message_after_friday_waits_for_monday() -> None:
    rules = closed_shop("next_opening")
    promise = promise_for(at("18:00:00", day=27), rules)
    assert promise.due_at == at("09:03:00", day=30)
    assert promise.reason_zh == "新店 ≤180 秒 · 非营业时间，11月30日 09:00 起计"


def test_a_holiday_is_skipped_and_a_make_up_day_is_open() -> None:
    closed = CalendarException(date(2026, 11, 24), "店庆休息", ())
    make_up = CalendarException(date(2026, 11, 28), "调休上班", (window("10:00", "16:00"),))
    rules = closed_shop("next_opening", exceptions={e.on: e for e in (closed, make_up)})
    assert due_at(at("18:30:00"), rules) == at("09:03:00", day=25)
    assert due_at(at("19:00:00", day=27), rules) == at("10:03:00", day=28)


def test_an_overnight_opening_belongs_to_the_day_it_begins_on() -> None:
    weekly = {5: (window("20:00", "02:00"),)}
    rules = replace(ARTICLE, periods=(), hours=Hours(weekly, "pause"))
    assert due_at(at("01:59:00", day=28), rules) == at("20:02:00", day=28) + timedelta(days=6)
    assert due_at(at("01:00:00", day=28), rules) == at("01:03:00", day=28)


def test_a_promotion_is_answered_around_the_clock() -> None:
    """spec §2.5: 7×24."""
    promotion = Promotion(1, "大促", at("00:00:00"), at("00:00:00", 25), 3)
    rules = closed_shop("next_opening", promotions=(promotion,))
    assert due_at(at("03:00:00"), rules) == at("03:03:00")
    assert due_at(at("03:00:00", 25), rules) == at("09:03:00", 25)


def test_a_calendar_that_never_opens_does_not_swallow_the_promise() -> None:
    rules = replace(ARTICLE, periods=(), hours=Hours({}, "next_opening"))
    assert waits_s(rules, "10:00:00") == 180


@pytest.mark.parametrize(
    ("target_s", "warn_s"), [(20, 12), (30, 18), (45, 27), (60, 36), (90, 54), (180, 100), (3600, 100)]
)
def test_a_warning_comes_before_the_breach_and_after_100_seconds_at_the_latest(target_s, warn_s) -> None:
    """domain.md §2.3: 千牛 warns at 100 s."""
    period = Period("全天", Window(0, 86_400), target_s)
    promise = promise_for(at("10:00:00"), replace(ARTICLE, periods=(period,)))
    assert promise.warn_at - promise.received_at == timedelta(seconds=warn_s)
    assert promise.popup_at - promise.received_at == timedelta(seconds=100)
    assert promise.warn_at < promise.due_at
