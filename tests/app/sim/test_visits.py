"""Simulated buyers: a visit always ends, asks about what it is about, and knows impatience."""

from __future__ import annotations

from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.app.sim.catalogue import GOODS
from miaohui.app.sim.lines import load_lines
from miaohui.app.sim.visits import DURING_LIVE, TOPICS, USUAL, Moment, Visit, new_visit, nickname

LINES = load_lines()


def visit(seed: int, *, is_live: bool = False, has_order: bool = True) -> Visit:
    return new_visit(LINES, Random(seed), is_live=is_live, has_order=has_order)


@given(st.integers(0, 100_000), st.booleans(), st.booleans())
def test_a_visit_that_is_answered_comes_to_an_end(seed: int, is_live: bool, has_order: bool) -> None:
    one = visit(seed, is_live=is_live, has_order=has_order)
    opening = one.opening()
    assert any(say.kind == "text" and say.text and say.recall_after_s is None for say in opening)
    rounds = 0
    while not one.is_over:
        says = one.answered()
        rounds += 1
        assert all(say.after_s > 0 for say in says)
        assert rounds <= 14


@given(st.integers(0, 100_000))
def test_a_buyer_who_gets_no_answer_complains_three_times_and_leaves(seed: int) -> None:
    one = visit(seed)
    waits, words = [], []
    while not one.is_over:
        waits.append(one.waits_until())
        said = one.waited()
        words.append(said.text if said is not None else None)
    assert waits == sorted(waits)
    assert len(words) == 4 and words[-1] is None
    assert words[2] in LINES.plain["angry"]


def test_an_answer_calms_an_impatient_buyer() -> None:
    one = visit(3)
    one.rounds_left = 5
    one.waited()
    one.answered()
    assert one.complaints == 0


def test_who_has_bought_nothing_asks_nothing_about_orders() -> None:
    for seed in range(300):
        assert visit(seed, has_order=False).moment is Moment.PRE_SALE


def test_during_a_live_session_offers_are_asked_about_most() -> None:
    """domain.md 5.7: in live hours offer and link questions reach 40 %."""
    live = [visit(seed, is_live=True).moment for seed in range(500)]
    assert 0.38 < live.count(Moment.LIVE) / 500 < 0.52
    for moments in (DURING_LIVE, USUAL):
        assert sum(weight for _, weight in moments) == pytest.approx(1.0)


def test_cards_pictures_and_recalls_do_occur() -> None:
    says = [say for seed in range(600) for say in visit(seed, is_live=seed % 2 == 0).opening()]
    kinds = {say.kind for say in says}
    assert kinds == {"text", "image", "order_card", "product_card"}
    assert any(say.recall_after_s for say in says)


def test_a_visit_takes_about_four_rounds() -> None:
    assert 3 < mean(visit(seed).rounds_left for seed in range(2000)) < 4.6


def test_every_topic_of_every_moment_has_lines() -> None:
    for topics in TOPICS.values():
        for topic in topics:
            assert LINES.openers[topic] and LINES.follow_ups[topic]


def test_names_vary_and_hold_no_whole_numbers() -> None:
    names = {nickname(Random(seed)) for seed in range(300)}
    assert len(names) > 100
    assert not any(name.isdigit() for name in names)


def test_every_variant_of_every_good_has_an_id_of_its_own() -> None:
    ids = [good.sku_id(spec) for good in GOODS for spec in good.specs()]
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 19 for one in ids)
