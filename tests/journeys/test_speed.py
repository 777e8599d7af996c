"""How quick the desk feels (issue: the workbench): the short form of `miaohui bench browser`, in the journeys' browser.

Fails at three times the promised times, so that a loaded machine does not cry wolf; weight and barriers have no
slack. The figures themselves stand in docs/reference/performance.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from miaohui.app.bench import browser as bench
from miaohui.app.bench.browser import speed, weight
from miaohui.app.bench.browser.shop import Shop, open_shop
from miaohui.app.bench.report import Figure

SLACK = 3


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A seeded shop of its own: hundreds of chats must not stand in the way of the journeys."""
    with open_shop(tmp_path_factory.mktemp("speed")) as opened:
        yield opened


def judge(figures: list[Figure], capsys: Any, slack: float = SLACK) -> None:
    """Print the figures; fail on those far from what is promised."""
    with capsys.disabled():
        for figure in figures:
            print(
                f"\n{figure.name}: {figure.value:.3g} {figure.unit} (target {figure.target}) {figure.facts}"
            )
    far_off = [f.name for f in figures if f.at_most is not None and f.value > f.at_most * slack]
    assert not far_off


def test_the_first_page_and_the_charts_keep_their_weight(capsys: Any) -> None:
    judge(weight.measure(), capsys, slack=1)


def test_an_agents_desk_starts_types_and_shows_news_at_once(
    shop: Shop, chromium: object, capsys: Any
) -> None:
    sizes = bench.QUICK
    judge(list(speed.of_an_agent(chromium, shop, sizes.keys, sizes.marks, sizes.starts)), capsys)


def test_a_full_house_scrolls_switches_and_types_at_once(shop: Shop, chromium: object, capsys: Any) -> None:
    sizes = bench.QUICK
    found = speed.of_a_supervisor(chromium, shop, sizes.conversations, sizes.messages, sizes.keys)
    judge(list(found), capsys)
