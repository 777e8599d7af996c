"""How quick the desk feels: the first act, keys while the house is busy, switching, scrolling, news."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from miaohui.app.bench.browser import scripts
from miaohui.app.bench.browser.chromium import go_online, seat
from miaohui.app.bench.browser.shop import Platform, Shop, crowd, flood
from miaohui.app.bench.report import Figure, percentile

MINE = range(8)  # the agent's own buyers: within her capacity
BIG = 900  # the buyer who wrote ten thousand messages
TEXT = "ok, checking your parcel right now. "
RATE = 50
ROW = "[role=listbox] [role=option]"


def of_an_agent(browser: Any, shop: Shop, keys: int, marks: int, starts: int) -> Iterator[Figure]:
    """Yield the figures of an agent with eight chats of her own."""
    with seat(browser, shop, "xiaomei") as context:
        go_online(context, shop)
        flood(shop, [(buyer, f"你好，我是第{buyer}位，什么时候发货？") for buyer in MINE])
        yield from _first_acts(browser, shop, starts)
        page = context.new_page()
        page.goto(f"{shop.url}/desk")
        page.locator(ROW).nth(len(MINE) - 1).wait_for()
        yield _news(page, shop, marks)
        page.locator(ROW).first.click()
        yield _keys(page, shop, keys, list(MINE), "an agent with 8 chats")


def of_a_supervisor(
    browser: Any, shop: Shop, conversations: int, messages: int, keys: int
) -> Iterator[Figure]:
    """Yield the figures of a supervisor who sees all conversations, one of them with very many messages."""
    with seat(browser, shop, "zhuguan") as context:
        more = conversations - 1 - _counts(context, shop).get("open", 0)
        flood(shop, [(BIG, f"第{n}句话：这件到底什么时候发货，能不能快一点") for n in range(messages)])
        flood(shop, [(1_000 + n, f"我是第{n}位，在吗") for n in range(more)])
        _wait_until_settled(context, shop, conversations)
        big, others = _found(context, shop)
        page = context.new_page()
        page.goto(f"{shop.url}/desk?box=open")
        page.locator(ROW).first.wait_for()
        yield from _switches(page, big, others, messages)
        yield _scrolled(page, conversations)
        who = f"a supervisor with {conversations:,} chats"
        yield _keys(page, shop, keys, [BIG, *range(1_000, 1_040)], who)


def _first_acts(browser: Any, shop: Shop, starts: int) -> list[Figure]:
    """Return the time from the address to the answered click on the first row, with empty and full caches."""
    cold: list[float] = []
    warm: list[float] = []
    shown: list[int] = []
    for _ in range(starts):
        with seat(browser, shop, "xiaomei") as context:
            context.add_init_script(scripts.FIRST_ACT)
            page = context.new_page()
            for times in (cold, warm):
                page.goto(f"{shop.url}/desk")
                times.append(page.evaluate(scripts.WAIT_FIRST_ACT) / 1000)
                shown.append(round(page.evaluate("window.listAt")))
                page.wait_for_timeout(400)
    return [
        Figure(f"first interaction, {name}", statistics.median(times), "s", at_most=limit,
               facts={"seconds": [round(t, 2) for t in times], "list_shown_ms": shown[n::2]})
        for n, (name, times, limit) in enumerate((("cold", cold, 2.5), ("warm", warm, 1.0)))
    ]  # fmt: skip


def _news(page: Any, shop: Shop, marks: int) -> Figure:
    """Return the time from the platform's request to the frame that shows its message, three a second."""
    page.evaluate(scripts.MARKS)
    platform, sent, began = Platform(shop), {}, time.perf_counter()
    for n in range(marks):
        page.wait_for_timeout(max(1.0, (began + n / 3 - time.perf_counter()) * 1000))
        sent[str(n)] = time.time() * 1000
        platform.deliver(MINE[n % len(MINE)], f"再问一下 #t{n}#")
    page.wait_for_timeout(2_000)
    seen = page.evaluate("window.seen")
    took = [seen[mark] - at if seen.get(mark) else 10_000.0 for mark, at in sent.items()]
    facts = {"p50": round(percentile(took, 0.5)), "max": round(max(took)), "messages": marks}
    return Figure("inbound webhook → visible in the browser, p95", percentile(took, 0.95), "ms",
                  at_most=300, facts=facts)  # fmt: skip


def _keys(page: Any, shop: Shop, keys: int, buyers: list[int], who: str) -> Figure:
    """Return the time from a key press to its character on the screen while 50 messages a second arrive."""
    field = page.locator("[data-conversation] textarea")
    field.wait_for()
    with crowd(shop, buyers, RATE) as rate:
        page.wait_for_timeout(1_500)
        field.click()
        page.evaluate(scripts.KEYS)
        text = (TEXT * (keys // len(TEXT) + 1))[:keys]
        page.keyboard.type(text, delay=60)
        page.wait_for_timeout(300)
        reached = rate()
    took = page.evaluate("window.keys")
    typed = field.input_value()
    if typed != text:
        raise RuntimeError(f"typed {len(text)} characters, {len(typed)} stand in the field")
    field.fill("")
    facts = {"p50": round(percentile(took, 0.5)), "max": round(max(took)), "keys": len(took)}
    facts["messages_per_s"] = round(reached, 1)
    return Figure(f"key press → character at 50 messages/s, {who}, p95", percentile(took, 0.95), "ms",
                  at_most=50, facts=facts)  # fmt: skip


def _counts(context: Any, shop: Shop) -> dict[str, int]:
    found: dict[str, int] = context.request.get(f"{shop.url}/api/conversations/counts").json()
    return found


def _wait_until_settled(context: Any, shop: Shop, wanted: int) -> None:
    """Return once that many conversations are open and the first shock is over: in a real house thousands of chats
    were not opened, warned and breached within the same few seconds."""
    until, quiet = time.monotonic() + 180, 0
    before: dict[str, int] = {}
    while quiet < 4:
        counts = _counts(context, shop)
        is_calm = (
            counts == before and counts.get("open", 0) >= wanted and counts.get("overdue", 0) > wanted / 2
        )
        quiet, before = (quiet + 1 if is_calm else 0), counts
        if time.monotonic() > until:
            raise RuntimeError(f"{counts} after three minutes, {wanted} open ones are wanted")
        time.sleep(1)


def _found(context: Any, shop: Shop) -> tuple[int, list[int]]:
    """Return the conversation with very many messages, and forty others."""
    rows, cursor = [], ""
    while cursor is not None:
        query = {"box": "open", "limit": "100"} | ({"cursor": cursor} if cursor else {})
        answer = context.request.get(f"{shop.url}/api/conversations", params=query).json()
        rows += answer["items"]
        cursor = answer["next_cursor"]
    big = next(row["id"] for row in rows if row["last_text"].startswith("第"))
    return big, [row["id"] for row in rows if row["id"] != big][:40]


def _switches(page: Any, big: int, others: list[int], messages: int) -> Iterator[Figure]:
    """Yield how long it takes until another chat is readable: the huge one, wholly loaded, and fresh ones."""
    page.evaluate(scripts.SWITCH, [others[0], big])
    page.evaluate(scripts.TO_THE_BEGINNING)
    back = page.evaluate(scripts.SWITCH, [others[0] if n % 2 else big for n in range(1, 61)])
    yield _switched(f"switching to a chat of {messages:,} messages, all in the browser, p95", back[1::2])
    fresh = page.evaluate(scripts.SWITCH, others[1:])
    figure = _switched("switching to a chat not opened before, p95", fresh)
    waited = page.evaluate("window.fetched")
    figure.facts["server_p50"] = round(percentile(waited, 0.5))
    figure.facts["server_p95"] = round(percentile(waited, 0.95))
    yield figure


def _switched(name: str, took: list[float]) -> Figure:
    facts = {"p50": round(percentile(took, 0.5)), "max": round(max(took)), "switches": len(took)}
    return Figure(name, percentile(took, 0.95), "ms", at_most=100, facts=facts)


def _scrolled(page: Any, conversations: int) -> Figure:
    """Return the frame times of scrolling through all open conversations, loading them on the way."""
    found = page.evaluate(scripts.SCROLL, conversations)
    frames = found["frames"]
    facts = {"p50": round(percentile(frames, 0.5)), "max": round(max(frames)), "frames": len(frames)}
    facts["rows"] = round(found["rows"])
    if found["rows"] < conversations:
        raise RuntimeError(f"only {found['rows']:.0f} of {conversations} conversations were loaded")
    return Figure(f"scrolling {conversations:,} open conversations, frame p95", percentile(frames, 0.95), "ms",
                  at_most=50, facts=facts)  # fmt: skip
