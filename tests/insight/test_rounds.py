"""Rounds and roll-ups: the definition of domain.md §2.6, and equality with a recompute (stack.md §4)."""

# ruff: noqa: E501
from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.insight.model.rollup import BUCKETS, EDGES_S, Rollup, added, turn_fact
from miaohui.insight.model.rounds import (
    CLOSING,
    PERFUNCTORY,
    RECALLED,
    TRANSFER,
    Message,
    RoundRules,
    RoundState,
    Scope,
    session_turns,
)

S = 1000
B, A, R, Y = "buyer", "agent", "robot", "system"
DEFAULT = RoundRules()


def responses(
    messages: list[Message], rules: RoundRules = DEFAULT, now_ms: int | None = None
) -> list[tuple[float, bool]]:
    """Return (seconds, answered) of every round."""
    return [
        (turn.response_ms / 1000, turn.answered_ms is not None)
        for turn in session_turns(messages, rules, now_ms)
    ]


CASES: list[tuple[str, list[Message], RoundRules, list[tuple[float, bool]]]] = [
    ("a question and its answer are a round", [(0, B, 0, ""), (20 * S, A, 0, "雨")], DEFAULT, [(20, True)]),
    ("from the first of several questions", [(0, B, 0, ""), (8 * S, B, 0, ""), (20 * S, A, 0, "雨")], DEFAULT, [(20, True)]),
    ("or from the last, where a shop found that", [(0, B, 0, ""), (8 * S, B, 0, ""), (20 * S, A, 0, "雨")], RoundRules(anchor="last"), [(12, True)]),
    ("an unanswered round is 600 s", [(0, B, 0, "")], DEFAULT, [(600, False)]),
    ("what an agent says unasked opens nothing", [(0, A, 0, "雨"), (5 * S, A, 0, "雨")], DEFAULT, []),
    ("two answers are one round", [(0, B, 0, ""), (9 * S, A, 0, "雨"), (11 * S, A, 0, "雨")], DEFAULT, [(9, True)]),
    ("an empty reply does not close a round since 2026-09-29", [(0, B, 0, ""), (5 * S, A, PERFUNCTORY, "雨"), (40 * S, A, 0, "雨")], DEFAULT, [(40, True)]),
    ("before, it did", [(0, B, 0, ""), (5 * S, A, PERFUNCTORY, "雨"), (40 * S, A, 0, "雨")], RoundRules(perfunctory="closes"), [(5, True)]),
    ("an empty reply with nothing after it is 600 s", [(0, B, 0, ""), (5 * S, A, PERFUNCTORY, "雨")], DEFAULT, [(600, False)]),
    ("a courtesy counts by default", [(0, B, 0, ""), (9 * S, A, 0, "雨"), (20 * S, B, CLOSING, "")], DEFAULT, [(9, True), (600, False)]),
    ("or is exempt, where a shop found that", [(0, B, 0, ""), (9 * S, A, 0, "雨"), (20 * S, B, CLOSING, "")], RoundRules(closing="exempt"), [(9, True)]),
    ("a question after a courtesy is no courtesy", [(0, B, CLOSING, ""), (S, B, 0, "")], RoundRules(closing="exempt"), [(600, False)]),
    ("a late answer counts as it was", [(0, B, 0, ""), (900 * S, A, 0, "雨")], DEFAULT, [(900, True)]),
    ("or is capped, where a shop found that", [(0, B, 0, ""), (900 * S, A, 0, "雨")], RoundRules(late="capped"), [(600, True)]),
    ("a recalled question is none", [(0, B, RECALLED, "")], DEFAULT, []),
    ("a recalled answer is none", [(0, B, 0, ""), (9 * S, A, RECALLED, "雨")], DEFAULT, [(600, False)]),
    ("a robot's session is not assessed", [(0, B, 0, ""), (S, R, 0, ""), (9 * S, B, 0, "")], DEFAULT, []),
    ("the first round begins at the hand-over", [(0, B, 0, ""), (S, R, 0, ""), (9 * S, B, 0, ""), (10 * S, Y, TRANSFER, "雨"), (30 * S, A, 0, "雨")], DEFAULT, [(20, True)]),
    ("or when the buyer wrote, where a shop found that", [(0, B, 0, ""), (S, R, 0, ""), (9 * S, B, 0, ""), (10 * S, Y, TRANSFER, "雨"), (30 * S, A, 0, "雨")],
     RoundRules(first_round="buyer"), [(30, True)]),
    ("nobody answering at all is a missed round too", [(0, B, 0, ""), (60 * S, B, 0, "")], DEFAULT, [(600, False)]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "messages", "rules", "expected"), CASES, ids=[case[0] for case in CASES])
def test_rounds_are_counted_as_the_platform_says(
    name: str, messages: list[Message], rules: RoundRules, expected: list[tuple[float, bool]]
) -> None:
    assert responses(messages, rules) == expected


def test_a_round_that_is_still_young_stays_open() -> None:
    assert responses([(0, B, 0, "")], now_ms=599 * S) == []
    assert responses([(0, B, 0, "")], now_ms=600 * S) == [(600, False)]


@pytest.mark.parametrize(
    ("hour", "minute", "second", "has"),
    [(8, 0, 0, True), (7, 59, 59, False), (22, 59, 59, True), (23, 0, 0, False), (0, 0, 0, False)],
)
def test_only_sessions_begun_between_8_and_23_are_assessed(
    hour: int, minute: int, second: int, has: bool
) -> None:
    """domain.md §2.1: 8:00:00–22:59:59."""
    assert Scope().has((hour * 3600 + minute * 60 + second - 8 * 3600) * 1000 + 86_400_000 * 20_000) is has


messages = st.lists(
    st.tuples(st.integers(1, 900_000), st.sampled_from([B, B, A, A, R, Y]), st.sampled_from([0, 0, 0, 1, 2, 4, 8, 16]), st.sampled_from(["", "雨", "文"])),
    max_size=30,
)  # fmt: skip
all_rules = st.builds(
    RoundRules, st.sampled_from(["first", "last"]), st.sampled_from(["buyer", "handover"]), st.sampled_from(["counts", "exempt"]),
    st.sampled_from(["actual", "capped"]), st.sampled_from(["closes", "ignored"]),
)  # fmt: skip


def in_time(steps: list[Message]) -> list[Message]:
    at, result = 0, []
    for gap, role, marks, agent in steps:
        at += gap
        result.append((at, role, marks, agent))
    return result


@given(messages, all_rules)
def test_message_by_message_with_stored_state_equals_all_at_once(
    steps: list[Message], rules: RoundRules
) -> None:
    """Live counting keeps its state between two messages; a recompute reads them all."""
    found, state = [], RoundState(rules)
    for message in in_time(steps):
        state = RoundState.from_json(rules, state.as_json())
        if (turn := state.step(*message)) is not None:
            found.append(turn)
    if (last := state.finish(None)) is not None:
        found.append(last)
    assert found == session_turns(in_time(steps), rules)


@given(messages, all_rules)
def test_rounds_never_overlap_and_never_exceed_their_penalty_when_capped(
    steps: list[Message], rules: RoundRules
) -> None:
    turns = session_turns(in_time(steps), rules)
    assert [turn.seq for turn in turns] == list(range(len(turns)))
    assert all(turn.response_ms >= 0 for turn in turns)
    assert all(
        a.answered_ms is not None and a.answered_ms <= b.asks[0]
        for a, b in zip(turns, turns[1:], strict=False)
    )
    if rules.late == "capped":
        assert all(turn.response_ms <= 600 * S for turn in turns)


def rollup_of(steps: list[Message], rules: RoundRules) -> Rollup:
    rollup = Rollup()
    for turn in session_turns(in_time(steps), rules):
        rollup.add_turn(turn_fact("s", "douyin", 1, 0, turn))
    return rollup


@given(st.lists(messages, max_size=5), all_rules, st.randoms(use_true_random=False))
def test_merging_shards_in_any_order_gives_the_same_sums(
    parts: list[list[Message]], rules: RoundRules, rng: random.Random
) -> None:
    whole = Rollup()
    for part in parts:
        whole.merge(rollup_of(part, rules))
    shuffled = list(parts)
    rng.shuffle(shuffled)
    other = Rollup()
    for part in shuffled:
        other.merge(rollup_of(part, rules))
    assert whole.rows() == other.rows()


@given(messages, all_rules)
def test_taking_away_what_was_added_leaves_nothing(steps: list[Message], rules: RoundRules) -> None:
    rollup = rollup_of(steps, rules)
    for turn in session_turns(in_time(steps), rules):
        rollup.add_turn(turn_fact("s", "douyin", 1, 0, turn), -1)
    assert rollup.rows() == []


@given(messages, all_rules)
def test_sums_equal_a_count_by_hand(steps: list[Message], rules: RoundRules) -> None:
    turns = session_turns(in_time(steps), rules)
    sums = added(row[4:] for row in rollup_of(steps, rules).rows())  # type: ignore[misc]
    assert sums.turns_n == len(turns) and sums.sum_ms == sum(turn.response_ms for turn in turns)
    assert sums.missed_n == sum(turn.answered_ms is None for turn in turns)
    for edge in (20, 45, 180, 600):
        assert sums.within(edge) == sum(
            t.answered_ms is not None and t.response_ms <= edge * S for t in turns
        )
    assert sum(getattr(sums, name) for name in BUCKETS) == len(turns) - sums.missed_n


def test_the_targets_of_the_spec_are_edges_of_the_histogram() -> None:
    """spec §1.3 and §2.3: 20, 30, 45, 60, 90, 180 s; domain.md §2: 100 s, 600 s."""
    assert {20, 30, 45, 60, 90, 100, 180, 600} <= set(EDGES_S)


def test_unanswered_rounds_weigh_as_the_arithmetic_says() -> None:
    """domain.md §2.6: at 20 s the rest, a 45 s target bears 4.3 % unanswered rounds."""
    rollup = Rollup()
    for number in range(1000):
        missed = number < 43
        turn = session_turns([(0, B, 0, ""), *([] if missed else [(20 * S, A, 0, "雨")])], DEFAULT)[0]
        rollup.add_turn(turn_fact(str(number), "douyin", 1, 0, turn))
    average = added(row[4:] for row in rollup.rows()).average_s  # type: ignore[misc]
    assert average is not None and 44.5 < average < 45.5
