"""Memory over a shift: eight simulated hours of an agent's work in one tab, as fast as the page takes them.

An hour here is what an agent of a busy shop does in one: buyers write, she changes between chats, answers by
keyboard, closes, looks into history and search. After every hour the garbage is collected and what is left counted.
"""

from __future__ import annotations

import time
from typing import Any

from miaohui.app.bench.browser.chromium import go_online, seat
from miaohui.app.bench.browser.shop import Platform, Shop, Visitor
from miaohui.app.bench.report import Figure

HOURS = 8
VISITORS = 8
ROW = "[role=listbox] [role=option]"


class Shift:
    """One agent's tab, and the buyers who write to her."""

    def __init__(self, page: Any, cdp: Any, shop: Shop) -> None:
        self.page, self.cdp = page, cdp
        self.visitors = [Visitor(shop, f"旅客{n}号") for n in range(VISITORS)]
        self.platform = Platform(shop)
        self.done = {"messages": 0, "switches": 0, "replies": 0, "closures": 0}
        self._number = 0

    def hour(self, seconds: float) -> None:
        """Work for an hour that takes `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._number += 1
            self._buyers_write()
            self._open_and_answer()
            if self._number % 3 == 0:
                self._close()
            if self._number % 7 == 0:
                self._look_around()

    def _buyers_write(self) -> None:
        n = self._number
        for k in range(6):
            self.visitors[(n * 3 + k) % VISITORS].says(f"第{n}轮第{k}句：还要多久发货呀，我急用")
            self.platform.deliver(5_000 + (n * 6 + k) % 300, f"第{n}轮第{k}句，在吗")
            self.done["messages"] += 2

    def _open_and_answer(self) -> None:
        for _ in range(2):
            self.page.keyboard.press("Alt+n")
            self.done["switches"] += 1
            self.page.wait_for_timeout(30)
        field = self.page.locator("[data-conversation] textarea")
        if field.count() == 0:
            return
        self.page.keyboard.press("Alt+i")
        self.page.keyboard.insert_text(f"亲，第{self._number}单马上为您查")
        self.page.keyboard.press("Enter")
        self.done["replies"] += 1
        self.page.keyboard.press("Alt+ArrowDown")
        self.done["switches"] += 1
        self.page.wait_for_timeout(30)

    def _close(self) -> None:
        self.page.keyboard.press("Alt+w")
        self.done["closures"] += 1
        self.page.wait_for_timeout(60)

    def _look_around(self) -> None:
        for name in ("buyer", "history", "why", "orders"):
            tab = self.page.locator(f"#tab-{name}")
            if tab.count():
                tab.click()
        self.page.keyboard.press("Control+k")
        self.page.keyboard.insert_text("发货")
        self.page.wait_for_timeout(120)
        self.page.keyboard.press("Escape")

    def weigh(self) -> dict[str, float]:
        """Return what is left after the garbage was collected: megabytes of heap, nodes, listeners."""
        for _ in range(3):
            self.cdp.send("HeapProfiler.collectGarbage")
            self.page.wait_for_timeout(150)
        found = {m["name"]: m["value"] for m in self.cdp.send("Performance.getMetrics")["metrics"]}
        return {
            "heap_mb": round(found["JSHeapUsedSize"] / 2**20, 2),
            "nodes": found["Nodes"],
            "listeners": found["JSEventListeners"],
        }


def measure(browser: Any, shop: Shop, hour_s: float) -> list[Figure]:
    """Return how much heap, nodes and listeners grow between the end of the first hour and the end of the last."""
    with seat(browser, shop, "xiaomei") as context:
        go_online(context, shop)
        page = context.new_page()
        page.goto(f"{shop.url}/desk")
        page.locator("aside").first.wait_for()
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable")
        shift = Shift(page, cdp, shop)
        hours = []
        for _ in range(HOURS):
            shift.hour(hour_s)
            page.wait_for_timeout(600)
            hours.append(shift.weigh())
    return [_grown(hours, name, what, shift.done) for name, what in (
        ("heap_mb", "JavaScript heap"), ("nodes", "DOM nodes"), ("listeners", "event listeners"))]  # fmt: skip


def _grown(hours: list[dict[str, float]], name: str, what: str, done: dict[str, int]) -> Figure:
    values = [hour[name] for hour in hours]
    grown = (values[-1] / values[0] - 1) * 100
    return Figure(f"growth after the first hour of a shift of {HOURS}: {what}", grown, "%", at_most=20,
                  facts={"by_hour": values, **done})  # fmt: skip
