"""Memory over a shift: eight simulated hours of an agent's work in one tab, as fast as the page takes them.

An hour here is a number of rounds; in each, new and known buyers write, she opens two chats, answers by keyboard,
closes them, and now and then looks into history and search. After every hour she leaves the desk for the settings,
the garbage is collected, and what is left is counted: what a chat, a list or an event leaves behind shows there.
"""

from __future__ import annotations

from typing import Any

from miaohui.app.bench.browser.chromium import go_online, seat
from miaohui.app.bench.browser.shop import Platform, Shop
from miaohui.app.bench.report import Figure

HOURS = 8
FIRST_BUYER = 5_000


class Shift:
    """One agent's tab, and the buyers who write to her."""

    def __init__(self, page: Any, cdp: Any, shop: Shop) -> None:
        self.page, self.cdp = page, cdp
        self.platform = Platform(shop)
        self.done = {"messages": 0, "switches": 0, "replies": 0, "closures": 0}
        self._round = 0

    def hour(self, rounds: int) -> None:
        """Work for an hour."""
        for _ in range(rounds):
            self._round += 1
            self._buyers_write()
            for _ in range(2):
                self._answer()
            if self._round % 5 == 0:
                self._look_around()

    def _buyers_write(self) -> None:
        newest = FIRST_BUYER + self._round * 2
        for buyer in (newest, newest + 1, *range(newest - 8, newest)):
            self.platform.deliver(buyer, f"第{self._round}轮：还要多久发货呀，我急用")
            self.done["messages"] += 1

    def _answer(self) -> None:
        """Open the most urgent chat, answer, look at the next, close."""
        press, wait = self.page.keyboard.press, self.page.wait_for_timeout
        press("Alt+n")
        wait(80)
        self.done["switches"] += 1
        if self.page.locator("[data-conversation] textarea").count() == 0:
            return
        press("Alt+i")
        self.page.keyboard.insert_text(f"亲，第{self._round}单马上为您查")
        press("Enter")
        self.done["replies"] += 1
        wait(80)
        press("Alt+w")
        self.done["closures"] += 1
        wait(80)
        press("Alt+ArrowDown")
        self.done["switches"] += 1
        wait(40)

    def _look_around(self) -> None:
        for name in ("buyer", "history", "why", "orders"):
            tab = self.page.locator(f"#tab-{name}")
            if tab.count():
                tab.click()
        self.page.keyboard.press("Control+k")
        self.page.keyboard.insert_text("发货")
        self.page.wait_for_timeout(150)
        self.page.keyboard.press("Escape")

    def weigh(self) -> dict[str, float]:
        """Leave the desk, collect the garbage, count what is left, come back."""
        self.page.locator("nav a[href='/settings']").first.click()
        self.page.wait_for_timeout(800)
        for _ in range(3):
            self.cdp.send("HeapProfiler.collectGarbage")
            self.page.wait_for_timeout(150)
        found = {m["name"]: m["value"] for m in self.cdp.send("Performance.getMetrics")["metrics"]}
        self.page.locator("nav a[href='/desk']").first.click()
        self.page.wait_for_timeout(300)
        return {
            "heap_mb": round(found["JSHeapUsedSize"] / 2**20, 2),
            "nodes": found["Nodes"],
            "listeners": found["JSEventListeners"],
        }


def measure(browser: Any, shop: Shop, rounds: int) -> list[Figure]:
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
            shift.hour(rounds)
            hours.append(shift.weigh())
    return [
        _grown(hours, name, what, shift.done)
        for name, what in (
            ("heap_mb", "JavaScript heap"),
            ("nodes", "DOM nodes"),
            ("listeners", "event listeners"),
        )
    ]


def _grown(hours: list[dict[str, float]], name: str, what: str, done: dict[str, int]) -> Figure:
    values = [hour[name] for hour in hours]
    grown = (values[-1] / values[0] - 1) * 100
    title = f"growth after the first hour of a shift of {HOURS}: {what}"
    return Figure(title, grown, "%", at_most=20, facts={"by_hour": values, **done})
