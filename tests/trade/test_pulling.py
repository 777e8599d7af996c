"""Lost pushes are repaired by pulling; the place in a stream survives a crash (reliability.md R3, F7)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from miaohui.channels.model.errors import AuthExpired, Fault, RateLimited, Rejected
from miaohui.channels.model.inbound import Account, Inbound, Kind, Origin
from miaohui.channels.model.ports import Page
from miaohui.kit import feed
from miaohui.kit import jobs as kit_jobs
from miaohui.kit.clock import to_ms
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.errors import Outage
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job
from miaohui.trade import actions, queries
from miaohui.trade.jobs import HANDLERS, PERIODIC
from miaohui.trade.model import PullAccount
from tests.world import NOON, SHOP_A, World

PAGE_SIZE = 3


class Platform:
    """A platform with orders, lists by update time and pages of three; it can be made to fail."""

    streams = ("orders",)

    def __init__(self, world: World) -> None:
        self.world = world
        self.orders: dict[str, tuple[datetime, int]] = {}
        self.failures: list[Exception] = []
        self.asked: list[datetime] = []

    def change(self, number: str, status: int) -> None:
        self.orders[number] = (self.world.clock.now(), status)

    def raw(self, number: str) -> dict[str, Any]:
        at, status = self.orders[number]
        return {
            "order_id": number,
            "order_status": status,
            "update_time": to_ms(at) // 1000,
            "create_time": 1795348000,
        }

    def inbound(self, number: str) -> Inbound:
        return Inbound(
            "doudian", "app", number, Kind.ORDER, self.orders[number][0], origin=Origin.PULL,
            refs={"order_id": number}, raw=self.raw(number),
        )  # fmt: skip

    async def pull(self, account: Account, stream: str, since: datetime, cursor: str | None) -> Page:
        if self.failures:
            raise self.failures.pop(0)
        self.asked.append(since)
        start = int(cursor or 0)
        rows = sorted(
            (at, number) for number, (at, _) in self.orders.items() if at >= since - timedelta(minutes=10)
        )
        found = [number for _, number in rows[start : start + PAGE_SIZE]]
        more = str(start + PAGE_SIZE) if len(rows) > start + PAGE_SIZE else None
        return Page(tuple(self.inbound(number) for number in found), more)

    async def fetch(self, account: Account, refs: Mapping[str, Any]) -> Inbound | None:
        if self.failures:
            raise self.failures.pop(0)
        number = refs["order_id"]
        return self.inbound(number) if number in self.orders else None


class Accounts:
    """The port: one account of one shop."""

    def __init__(self, platform: Platform) -> None:
        self.place = PullAccount(Account(SHOP_A, 9, "app", "doudian"), platform)

    async def list_pullable(self) -> list[PullAccount]:
        return [self.place]

    async def find_pullable(self, shop_id: int, account_id: int) -> PullAccount | None:
        return self.place if (shop_id, account_id) == (SHOP_A, 9) else None


class Stage:
    """A runtime whose jobs are run by hand, one at a time, in the order of their time."""

    def __init__(self, world: World) -> None:
        self.world, self.platform = world, Platform(world)
        self.rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
        self.rt.ports["trade.accounts"] = Accounts(self.platform)
        self.rt.lane.start()

    def push(self, number: str, status: int) -> None:
        raw = {"p_id": number, "order_status": status, "update_time": to_ms(self.world.clock.now()) // 1000}
        fact = Inbound(
            "doudian", "app", number, Kind.ORDER, self.world.clock.now(), raw=raw, refs={"order_id": number}
        )
        self.world.write(lambda tx: actions.take_in_inbound(tx, SHOP_A, 9, fact))

    def run_due(self) -> int:
        """Run every due job once; return how many."""
        rows = self.world.write(lambda tx: kit_jobs.claim(tx.conn, tx.now, "w", 50))
        for row in rows:
            asyncio.run(self.run(row))
        return len(rows)

    async def run(self, row: kit_jobs.JobRow) -> None:
        job = Job(row, self.rt)
        await HANDLERS[row.kind](job, self.rt)
        if not job.finished:
            await job.finish()

    def reconcile(self) -> None:
        self.world.write(lambda tx: tx.enqueue("trade.reconcile_all", {}))
        while self.run_due():
            pass

    def statuses(self) -> dict[str, str]:
        page = self.world.read(lambda conn: queries.list_orders(conn, SHOP_A, limit=100))
        return {order["platform_order_id"]: order["status"] for order in page.items}


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    made = Stage(world)
    yield made
    made.rt.lane.stop()
    made.rt.readers.shutdown(wait=False)


def test_a_push_is_a_hint_and_the_detail_is_pulled_a_second_later(stage: Stage) -> None:
    stage.platform.change("1001", 3)
    stage.push("1001", 105)
    stage.push("1001", 2)
    assert stage.run_due() == 0
    stage.world.clock.advance(1.1)
    assert stage.run_due() == 1, "two pushes of one order within a second are one question"
    assert stage.statuses() == {"1001": "shipped"}


def test_lost_pushes_are_repaired_by_the_next_reconcile_over_all_pages(stage: Stage) -> None:
    for n in range(8):
        stage.world.clock.advance(30)
        stage.platform.change(f"100{n}", 105)
    stage.reconcile()
    assert len(stage.statuses()) == 8
    cursor = stage.world.read(lambda conn: queries.find_cursor(conn, SHOP_A, 9, "orders"))
    assert (cursor.fact_count, cursor.repaired_count, cursor.page_cursor) == (8, 8, None)
    assert cursor.done_until == stage.world.clock.now()


def test_reconciling_again_reads_on_from_the_last_complete_look(stage: Stage) -> None:
    stage.platform.change("1001", 105)
    stage.reconcile()
    stage.world.clock.advance(60)
    stage.platform.change("1001", 2)
    stage.reconcile()
    assert stage.statuses() == {"1001": "to_ship"}
    assert stage.platform.asked == [NOON - timedelta(days=7), NOON]


def test_a_look_that_broke_in_the_middle_goes_on_where_it_was(stage: Stage) -> None:
    for n in range(8):
        stage.platform.change(f"100{n}", 105)
    stage.world.write(
        lambda tx: tx.enqueue("trade.reconcile_stream", {"account_id": 9, "stream": "orders"}, shop_id=SHOP_A)
    )
    stage.platform.failures = []
    original = stage.platform.pull
    calls = 0

    async def breaks_on_the_second(*args: Any) -> Page:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RateLimited("doudian", Fault("60000", "too fast", retry_after_s=7.0))
        return await original(*args)

    stage.platform.pull = breaks_on_the_second  # type: ignore[method-assign]
    with pytest.raises(Outage) as outage:
        stage.run_due()
    assert outage.value.retry_after_s == 7.0
    assert len(stage.statuses()) == PAGE_SIZE
    stage.reconcile()
    assert len(stage.statuses()) == 8
    cursor = stage.world.read(lambda conn: queries.find_cursor(conn, SHOP_A, 9, "orders"))
    assert cursor.fact_count == 8, "the first page was not read twice"


def test_an_expired_authorisation_is_shown_and_not_hammered(stage: Stage) -> None:
    stage.platform.failures = [AuthExpired("doudian", Fault("40003", "isv.access-token-expired"))]
    stage.reconcile()
    cursor = stage.world.read(lambda conn: queries.list_cursors(conn, SHOP_A))[0]
    assert cursor["error"].startswith("auth_expired")
    assert cursor["done_until"] is None
    stage.world.clock.advance(60)
    stage.reconcile()
    assert stage.world.read(lambda conn: queries.list_cursors(conn, SHOP_A))[0]["error"] is None


def test_what_the_platform_does_not_know_is_told_once_and_not_asked_for_ever(stage: Stage) -> None:
    stage.platform.failures = [Rejected("doudian", Fault("50002", "order not found"))]
    stage.world.write(
        lambda tx: tx.enqueue(
            "trade.pull_order", {"account_id": 9, "refs": {"order_id": "5"}}, shop_id=SHOP_A
        )
    )
    assert stage.run_due() == 1
    events = stage.world.read(lambda conn: feed.read(conn, 0))
    assert [event.name for event in events] == ["trade.pull_refused"]
    stage.world.clock.advance(3_600)
    assert stage.run_due() == 0


def test_the_platform_is_asked_every_minute() -> None:
    """Lost pushes are repaired within 60 s (reliability.md F7): the period is half of the promise."""
    assert [(plan.kind, plan.every_s) for plan in PERIODIC] == [("trade.reconcile_all", 60)]


def test_an_account_of_another_shop_is_never_asked(stage: Stage) -> None:
    stage.platform.change("1001", 105)
    stage.world.write(
        lambda tx: tx.enqueue(
            "trade.pull_order", {"account_id": 9, "refs": {"order_id": "1001"}}, shop_id=999
        )
    )
    stage.run_due()
    assert stage.statuses() == {}


def test_a_chaos_of_pushes_converges_after_one_reconcile(stage: Stage) -> None:
    """20 % doubled, 5 % lost, shuffled, up to 6 h late: equal to the truth after a reconcile (F7)."""
    chance = stage.world.rng
    waiting: list[tuple[datetime, str, int]] = []
    for step in range(60):
        stage.world.clock.advance(60)
        number, status = f"10{step % 12:02}", (105, 2, 3, 5)[min(3, step // 15)]
        stage.platform.change(number, status)
        for _ in range((chance.random() < 0.2) + (chance.random() >= 0.05)):
            waiting.append(
                (stage.world.clock.now() + timedelta(seconds=chance.uniform(0, 21_600)), number, status)
            )
    for _, number, status in sorted(waiting):
        stage.push(number, status)
    stage.reconcile()
    truth = {
        number: {105: "paid", 2: "to_ship", 3: "shipped", 5: "completed"}[s]
        for number, (_, s) in stage.platform.orders.items()
    }
    assert stage.statuses() == truth
