"""The workbench in a headless Chromium on a real server: weight, speed, memory, barriers (issue: the workbench).

    miaohui bench browser            everything, about five minutes
    miaohui bench browser --quick    the short form

Needs the built pages (`make web`), `playwright` (a development dependency) and a Chromium (`sh tools/chromium.sh`).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miaohui.app.bench.browser import barriers, shift, speed, weight
from miaohui.app.bench.browser.chromium import chromium
from miaohui.app.bench.browser.shop import Shop, open_shop
from miaohui.app.bench.report import Figure


@dataclass(frozen=True)
class Sizes:
    """How much is measured. `rounds`: rounds of work in a simulated hour, `first_rounds`: in the first one, at least as
    many as the page keeps of a kind; `keys`: key presses for each person."""

    conversations: int = 2_000
    messages: int = 10_000
    keys: int = 160
    marks: int = 80
    starts: int = 5
    rounds: int = 10
    first_rounds: int = 32
    everywhere: bool = True


QUICK = Sizes(
    conversations=400,
    messages=1_500,
    keys=60,
    marks=40,
    starts=2,
    rounds=6,
    first_rounds=32,
    everywhere=False,
)


def measure(quick: bool = False) -> list[Figure]:
    """Return every figure of the workbench. Raises: Unavailable when a part of the browser is missing."""
    sizes = QUICK if quick else Sizes()
    figures = weight.measure()
    began = time.perf_counter()

    def add(found: Iterable[Figure]) -> None:
        for figure in found:
            figure.facts["load"] = round(os.getloadavg()[0], 1)
            figure.facts["after_s"] = round(time.perf_counter() - began)
            figures.append(figure)

    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name, chromium() as browser:
        with open_shop(Path(name) / "speed") as shop:
            add(measure_speed(browser, shop, sizes))
            add(barriers.measure(browser, shop, sizes.everywhere))
        with open_shop(Path(name) / "shift") as shop:
            add(shift.measure(browser, shop, sizes.rounds, sizes.first_rounds))
    return figures


def measure_speed(browser: Any, shop: Shop, sizes: Sizes) -> Iterator[Figure]:
    """Yield how quick the pages feel: first an agent with her chats, then a supervisor with a full house."""
    yield from speed.of_an_agent(browser, shop, sizes.keys, sizes.marks, sizes.starts)
    yield from speed.of_a_supervisor(browser, shop, sizes.conversations, sizes.messages, sizes.keys)
