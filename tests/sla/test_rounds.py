"""The platform's rounds, the 600-second penalty, waiting labels, pop-ups (domain.md §2.1, §2.3, §2.6, §5.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.shop.model import POLICIES, SHANGHAI
from miaohui.sla.model import (
    RoundDefinition,
    affordable,
    affordable_ratio,
    counted_ms,
    is_in_window,
    slow_reply,
    waiting_label,
)
from miaohui.sla.model.rounds import round_definition_of, round_fact
from miaohui.sla.model.waiting import waiting_labels_of

OFFICIAL = round_definition_of(POLICIES["round_definition"].default)
LABELS = waiting_labels_of(POLICIES["waiting_labels"].default)
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("base_s", "target_s", "percent"), [(20, 45, 4.3), (20, 30, 1.7), (15, 45, 5.1), (45, 45, 0), (60, 45, 0)]
)
def test_the_penalty_leaves_room_for_few_unanswered_rounds(base_s, target_s, percent) -> None:
    """domain.md §2.6: base 20 s / target 45 s → 4.3 %, target 30 s → 1.7 %, base 15 s → 5.1 %."""
    assert round(affordable_ratio(base_s, target_s) * 100, 1) == percent


@pytest.mark.parametrize(
    ("rounds", "average_s", "target_s", "left"),
    [
        (1000, 20, 45, 45), (1000, 20, 30, 17), (1000, 15, 45, 54), (100, 20, 45, 4), (10, 20, 45, 0),
        (23, 20, 45, 1), (22, 20, 45, 0), (0, 0, 45, 0), (100, 45, 45, 0), (100, 50, 45, -1),
        (1, 600, 45, -1), (1000, 60, 45, -28),
    ],
)  # fmt: skip
def test_unanswered_rounds_we_can_still_afford_today(rounds, average_s, target_s, left) -> None:
    """spec §6.1 target 45 s; domain.md §2.6."""
    found = affordable(rounds, rounds * average_s * 1000, target_s, 600)
    assert found.unanswered_left == left
    assert found.average_s == (average_s if rounds else None)


@given(st.integers(0, 5000), st.integers(0, 3_000_000), st.integers(1, 590), st.integers(1, 3600))
def test_one_more_unanswered_round_than_we_can_afford_breaks_the_target(n, sum_ms, target, more) -> None:
    penalty = target + more
    left = affordable(n, sum_ms, target, penalty).unanswered_left
    if left >= 0:
        assert sum_ms + left * penalty * 1000 <= (n + left) * target * 1000
        assert sum_ms + (left + 1) * penalty * 1000 > (n + left + 1) * target * 1000


def test_the_ratio_and_the_count_say_the_same() -> None:
    n, base, target = 100_000, 20, 45
    left = affordable(n, n * base * 1000, target, 600).unanswered_left
    assert abs(left / (n + left) - affordable_ratio(base, target)) < 1e-4


@pytest.mark.parametrize(
    ("time", "counts"),
    [("07:59:59.999", False), ("08:00:00", True), ("12:00:00", True), ("22:59:59.999", True),
     ("23:00:00", False), ("00:00:00", False)],
)  # fmt: skip
def test_only_sessions_that_begin_from_08_00_00_to_22_59_59_count(time: str, counts: bool) -> None:
    """domain.md §2.1."""
    assert is_in_window(datetime.fromisoformat(f"2026-11-23T{time}+08:00"), OFFICIAL) is counts


def test_the_window_is_the_shops_local_time_and_not_the_machines() -> None:
    """reliability.md F8: 22:59 in Shanghai is 14:59 UTC."""
    assert is_in_window(datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC), OFFICIAL)
    assert not is_in_window(datetime(2026, 11, 23, 15, 0, 0, tzinfo=UTC), OFFICIAL)


@pytest.mark.parametrize(
    ("response_ms", "late_reply", "counted"),
    [(None, "capped", 600_000), (20_000, "capped", 20_000), (900_000, "capped", 600_000),
     (900_000, "actual", 900_000), (0, "capped", 0)],
)  # fmt: skip
def test_an_unanswered_round_counts_600_seconds(response_ms, late_reply, counted) -> None:
    """domain.md §2.6."""
    assert counted_ms(response_ms, RoundDefinition(late_reply=late_reply)) == counted


def test_a_round_belongs_to_the_local_day_of_its_anchor() -> None:
    anchor = datetime(2026, 11, 23, 23, 59, 59, tzinfo=SHANGHAI)
    fact = round_fact(OFFICIAL, TEN, anchor, anchor + timedelta(seconds=5), None)
    assert (fact.on.isoformat(), fact.response_ms, fact.excluded) == ("2026-11-23", 5000, "")


def test_the_windows_start_is_the_sessions_or_the_rounds_as_the_policy_says() -> None:
    night = datetime(2026, 11, 23, 3, 0, tzinfo=SHANGHAI)
    fact = round_fact(OFFICIAL, night, TEN, None, None)
    assert (fact.excluded, fact.counted_ms) == ("out_of_window", 600_000)
    by_round = RoundDefinition(window_of="round_start")
    assert round_fact(by_round, night, TEN, None, None).counts


def test_a_message_that_reached_us_after_a_later_answer_does_not_count() -> None:
    fact = round_fact(OFFICIAL, TEN, TEN, TEN + timedelta(hours=1), TEN + timedelta(minutes=1))
    assert fact.excluded == "late_arrival"


@pytest.mark.parametrize(
    ("waiting_s", "name", "band"),
    [
        (0, None, None), (59.9, None, None),
        (60, "超1分钟未回复", "grey"), (119.9, "超1分钟未回复", "grey"),
        (120, "超2分钟未回复", "yellow"), (180, "超3分钟未回复", "yellow"), (299, "超3分钟未回复", "yellow"),
        (300, "超5分钟未回复", "yellow"), (599, "超5分钟未回复", "yellow"),
        (600, "超10分钟未回复", "red"), (86_400, "超10分钟未回复", "red"),
    ],
)  # fmt: skip
def test_waiting_labels_are_those_of_feige(waiting_s, name, band) -> None:
    """domain.md §5.1: 1/2/3/5/10 min; over one grey, 2–10 yellow, over ten red."""
    label = waiting_label(waiting_s, LABELS)
    assert (label and label.name_zh, label and label.band) == (name, band)


def test_the_pop_up_is_one_and_led_by_the_longest_wait() -> None:
    """domain.md §2.3: 千牛 merges on the longest."""
    merged = slow_reply([(1, TEN), (2, TEN - timedelta(seconds=40)), (3, TEN - timedelta(seconds=10))])
    assert merged is not None
    assert (merged.conversation_id, merged.count, merged.conversation_ids) == (2, 3, (2, 3, 1))
    assert slow_reply([]) is None
