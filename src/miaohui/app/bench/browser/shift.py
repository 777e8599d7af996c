"""Memory over a shift: eight simulated hours of an agent's work in one tab, as fast as the page takes them.

An hour here is a number of rounds; in each, new and known buyers write, she opens two chats, answers by keyboard,
closes them, and now and then looks into history and search. After every hour she leaves the desk for the settings,
the garbage is collected, and what is left is counted: what a chat, a list or an event leaves behind shows there.

The first hour is longer and she looks into everything: by its end each bounded cache of the page is full (30 of a
kind), and the engine has compiled what is used often. In a real shift thousands of keys, events and ticks of the clock
do that within the hour; here they are few. What is weighed is all of the heap, the engine's compiled code included.
Nothing but keys, clicks and fixed questions reaches the page, so that the instrument leaves no code of its own in it.
"""

from __future__ import annotations

import json
from typing import Any

from miaohui.app.bench.browser.chromium import go_online, seat
from miaohui.app.bench.browser.shop import Platform, Shop
from miaohui.app.bench.report import Figure

HOURS = 8
FIRST_BUYER = 5_000
CODE = ("code", "object shape")


class Shift:
    """One agent's tab, and the buyers who write to her."""

    def __init__(self, page: Any, cdp: Any, shop: Shop) -> None:
        self.page, self.cdp = page, cdp
        self.platform = Platform(shop)
        self.done = {"messages": 0, "switches": 0, "replies": 0, "closures": 0}
        self._round = 0

    def hour(self, rounds: int, look_every: int = 5) -> None:
        """Work for an hour; `look_every`: after how many rounds she looks into the tabs and the search."""
        for n in range(1, rounds + 1):
            self._round += 1
            self._buyers_write()
            for _ in range(2):
                self._answer()
            if n % look_every == 0:
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
        wait(50)
        press("Alt+w")
        self.done["closures"] += 1
        wait(60)
        press("Alt+ArrowDown")
        self.done["switches"] += 1
        wait(30)

    def _look_around(self) -> None:
        for name in ("buyer", "history", "why", "orders"):
            tab = self.page.locator(f"#tab-{name}")
            if tab.count():
                tab.click()
        self.page.keyboard.press("Control+k")
        self.page.keyboard.insert_text("发货")
        self.page.wait_for_timeout(150)
        self.page.keyboard.press("Escape")

    def weigh(self, with_census: bool = False) -> dict[str, float]:
        """Leave the desk, collect the garbage, count what is left, come back."""
        self.page.locator("nav a[href='/settings']").first.click()
        self.page.wait_for_timeout(1_200)
        for _ in range(3):
            self.cdp.send("HeapProfiler.collectGarbage")
            self.page.wait_for_timeout(150)
        heap = self.cdp.send("Runtime.getHeapUsage")["usedSize"]
        found = {m["name"]: m["value"] for m in self.cdp.send("Performance.getMetrics")["metrics"]}
        census = self._census() if with_census else {}
        self.page.locator("nav a[href='/desk']").first.click()
        self.page.wait_for_timeout(300)
        return {
            "heap_mb": round(heap / 2**20, 2),
            "nodes": found["Nodes"],
            "listeners": found["JSEventListeners"],
            **census,
        }

    def _census(self) -> dict[str, float]:
        """Return how much of the script heap is compiled code, which grows with use up to what the page has."""
        pieces: list[str] = []
        self.cdp.on("HeapProfiler.addHeapSnapshotChunk", lambda event: pieces.append(event["chunk"]))
        self.cdp.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
        return {"code_mb": round(size_of(json.loads("".join(pieces)), CODE) / 2**20, 2)}


def size_of(snapshot: dict[str, Any], kinds: tuple[str, ...]) -> int:
    """Return how much the nodes of some kinds take in a heap snapshot.

    Units: bytes. Shape: V8's `.heapsnapshot`, flat node rows described by its own meta data.
    """
    meta = snapshot["snapshot"]["meta"]
    fields, names = meta["node_fields"], meta["node_types"][0]
    nodes, width = snapshot["nodes"], len(fields)
    wanted = {names.index(kind) for kind in kinds}
    rows = zip(nodes[fields.index("type") :: width], nodes[fields.index("self_size") :: width], strict=True)
    return sum(size for kind, size in rows if kind in wanted)


def measure(browser: Any, shop: Shop, rounds: int, first_rounds: int) -> list[Figure]:
    """Return how much heap, nodes and listeners grow between the end of the first hour and the end of the last."""
    with seat(browser, shop, "xiaomei") as context:
        go_online(context, shop)
        page = context.new_page()
        page.goto(f"{shop.url}/desk")
        page.locator("aside").first.wait_for()
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable")
        shift = Shift(page, cdp, shop)
        shift.hour(first_rounds, look_every=1)
        hours = [shift.weigh(with_census=True)]
        for hour in range(2, HOURS + 1):
            shift.hour(rounds)
            hours.append(shift.weigh(with_census=hour == HOURS))
    ends = {"code_mb_first_last": [hours[0]["code_mb"], hours[-1]["code_mb"]]}
    return [
        _grown(hours, name, what, {**shift.done, **facts})
        for name, what, facts in (
            ("heap_mb", "JavaScript heap", ends),
            ("nodes", "DOM nodes", {}),
            ("listeners", "event listeners", {}),
        )
    ]


def _grown(hours: list[dict[str, float]], name: str, what: str, done: dict[str, Any]) -> Figure:
    values = [hour[name] for hour in hours]
    grown = (values[-1] / values[0] - 1) * 100
    title = f"growth after the first hour of a shift of {HOURS}: {what}"
    return Figure(title, grown, "%", at_most=20, facts={"by_hour": values, **done})
