"""The editable rules, the order of the queue, the wait estimate, the state log: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.routing.model import (
    Departure,
    Entry,
    Mode,
    Rules,
    Span,
    entry_of,
    estimate,
    home_group,
    intervals_s,
    need_key,
    needs_from_key,
    problems,
    rank_at,
    rules_of,
    seconds_by_state,
)
from miaohui.staff.model import Group

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


# ---- rules


GROUPS = [
    Group(70, "live", "直播", 1, 1),
    Group(71, "pre_sale", "售前", 2, 1),
    Group(72, "other", "美妆", 3, 1),
]


@pytest.mark.parametrize(
    ("rules", "entry", "group_id"),
    [
        (Rules(), Entry.LIVE, 70),
        (Rules(), Entry.PRODUCT_PAGE, 71),
        (Rules(), Entry.ORDER_PAGE, 71),  # no group 售中 here: the default one
        (Rules(entry_groups={"order_page": "72"}), Entry.ORDER_PAGE, 72),
        (Rules(by_entry=False), Entry.LIVE, 71),
        (Rules(by_entry=False, default_group="72"), Entry.LIVE, 72),
    ],
)
def test_an_entry_leads_to_its_group_or_the_default(rules: Rules, entry: Entry, group_id: int) -> None:
    assert home_group(rules, entry, GROUPS) == group_id
    assert home_group(rules, entry, []) == 0


@pytest.mark.parametrize(
    ("word", "entry"),
    [("商品详情页", "product_page"), ("订单详情页", "order_page"), ("消息私信", "private_message"),
     ("直播", "live"), ("其他", "other"), (" live ", "live"), ("", "other"), ("videos", "other")],
)  # fmt: skip
def test_the_platforms_words_for_entries_are_understood(word: str, entry: str) -> None:
    assert entry_of(word) == entry


def test_default_rules_have_no_problems_and_bad_ones_are_named() -> None:
    known = frozenset({70, 71, 72})
    assert problems(Rules(), known, frozenset()) == []
    assert problems(Rules(entry_groups={"live": "72"}), known, frozenset()) == []
    bad = Rules(
        default_group="99", retransfer_after_s=1, entry_groups={"nowhere": "live"},
        entry_skills={"live": {"juggling": 9}}, boosts_s={"vip": 99_999, "friend": 1}, label_boosts={"x": "vip"},
    )  # fmt: skip
    assert problems(bad, known, frozenset({"platform_rules"})) == [
        "retransfer_after_s 须在 10–86400 之间",
        "default_group：没有客服组 99",
        "没有入口 nowhere",
        "live：没有技能 juggling，或等级不在 1–5 之间",
        "优先级 vip 须为 0–3600 秒，且是 live、vip、breach、complaint、reopened、handover 之一",
        "优先级 friend 须为 0–3600 秒，且是 live、vip、breach、complaint、reopened、handover 之一",
        "标签 x：没有这个标签，或没有优先级 vip",
    ]


def test_stored_rules_keep_defaults_for_fields_that_are_new() -> None:
    assert rules_of({}) == Rules()
    assert rules_of({"mode": "even", "retired_field": 1}) == Rules(mode=Mode.EVEN)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.integers(1, 5), max_size=4))
def test_needs_survive_their_key(needs: dict[str, int]) -> None:
    assert needs_from_key(need_key(needs)) == needs


# ---- queue


def test_a_head_start_moves_a_chat_forward_by_that_many_seconds() -> None:
    assert rank_at(NOW, 60) == NOW - timedelta(seconds=60)


def departures(*pairs: tuple[int, int]) -> list[Departure]:
    return [Departure(NOW + timedelta(seconds=q), NOW + timedelta(seconds=p)) for q, p in pairs]


def test_intervals_leave_out_the_time_in_which_nobody_waited() -> None:
    # Queued at 0, 0 and 500; left at 10, 30 and 520: the third waited 20 s, not 490.
    assert intervals_s(departures((0, 10), (0, 30), (500, 520))) == [20.0, 20.0]


def test_a_batch_that_leaves_at_once_does_not_make_the_queue_look_fast() -> None:
    assert intervals_s(departures((0, 60), (0, 60), (0, 60), (0, 90))) == [30.0]


def test_ten_intervals_make_an_estimate_and_nine_do_not() -> None:
    even = departures(*((0, 30 * n) for n in range(1, 12)))
    found = estimate(3, even)
    assert (found.expected_s, found.low_s, found.high_s, found.sample_count) == (90, 90, 90, 10)
    assert found.text_zh == "第 3 位，预计 90 秒（90–90 秒，n=10）"
    short = estimate(3, even[:10])
    assert (short.expected_s, short.text_zh) == (None, "第 3 位，等待时间数据不足（n=9）")


def test_the_spread_of_an_estimate_holds_its_middle() -> None:
    times, at = [], 0
    for n in range(20):
        at += 10 if n % 2 else 50
        times.append((0, at))
    found = estimate(4, departures(*times))
    assert found.expected_s is not None and found.low_s is not None and found.high_s is not None
    assert found.low_s < found.expected_s < found.high_s


# ---- the log


def test_seconds_are_cut_at_the_edges_and_open_spans_count_up_to_now() -> None:
    hour = timedelta(hours=1)
    spans = [Span("online", NOW - hour, NOW), Span("on_break", NOW, None)]
    found = seconds_by_state(spans, NOW - hour / 2, NOW + 2 * hour, NOW + hour)
    assert found == {"online": 1800.0, "on_break": 3600.0, "offline": 0.0, "unreachable": 0.0}
