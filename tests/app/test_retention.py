"""What has done its work goes after its time, by the shop's dated policy; what is the shop's memory stays (R20)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.settings import Settings
from miaohui.channels.model import Account, RawRequest
from miaohui.inbox.actions import store_delivery
from miaohui.inbox.store.deliveries import deliveries
from miaohui.kit import jobs
from miaohui.kit.clock import ManualClock, to_ms
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.kit.worker import Job
from miaohui.routing.store.rows import DecisionRow, store_decision
from miaohui.shop.actions import set_policy
from miaohui.shop.actions.policies import Edit
from tests.world import NOON

PURGES = ("inbox.purge_deliveries", "routing.purge_decisions", "app.purge_kit")


class House:
    """One process with one shop on a clock that is moved by hand."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock = ManualClock(NOON)
        self.process = Process(Settings(data_dir=folder, database=url), self.clock)
        self.where = stand.build(self.process, "http://127.0.0.1:9", agents=1)
        self.rt, self.shop_id = self.process.rt, self.where.shop_id
        self.rt.lane.start()

    def write(self, fn: Any) -> Any:
        return self.rt.lane.run_blocking(fn, SYSTEM)

    def count(self, table: str, condition: str = "1 = 1") -> int:
        with self.process.db.read() as conn:
            return int(conn.execute(text(f"SELECT count(*) FROM {table} WHERE {condition}")).scalar() or 0)

    def live_a_day(self, number: int) -> None:
        """Store what a day leaves behind: deliveries handled, failed and waiting, a decision, an event, a job."""
        account = Account(self.shop_id, 1, "key-1", "douyin_im")

        def day(tx: Tx) -> None:
            for state in ("done", "failed", "waiting"):
                body = f"{state} {number}".encode()
                store_delivery(tx, account, RawRequest("POST", "/hooks", {}, {}, body))
            tx.flush()
            for state in ("done", "failed"):
                mine = deliveries.c.body == f"{state} {number}".encode()
                tx.execute(update(deliveries).where(mine).values(state=state, done_ms=to_ms(tx.now)))
            row = DecisionRow(
                tx.ids.next(), 5, tx.now, "opened", "assigned", 7, None, 3, detail={"day": number}
            )
            store_decision(tx.conn, self.shop_id, row)
            tx.feed(self.shop_id, ["shop"], "test.day_lived", {"day": number})
            tx.enqueue("test.day", {}, key=f"day-{number}")

        self.write(day)
        self.write(
            lambda tx: tx.execute(text("UPDATE kit_jobs SET state = 'done', finished_at_ms = created_at_ms"))
        )
        self.clock.advance(86_400)

    def purge(self) -> None:
        """Run the jobs that the runner would start by itself."""
        assert {plan.kind for plan in self.process.assembly.periodic} >= set(PURGES)
        self.write(lambda tx: [tx.enqueue(kind, {}, key=f"{kind}@{tx.ids.next()}") for kind in PURGES])
        rows = self.write(lambda tx: jobs.claim(tx.conn, tx.now, "test", 99, 60.0))
        for row in rows:
            asyncio.run(self.process.assembly.handlers[row.kind](Job(row, self.rt), self.rt))

    def close(self) -> None:
        self.rt.lane.stop()
        self.process.close()


@pytest.fixture
def house(test_url: Any, tmp_path: Path) -> Iterator[House]:
    made = House(test_url(tmp_path), tmp_path / "data")
    yield made
    made.close()


def test_what_has_done_its_work_goes_by_the_shops_policy_and_nothing_else(house: House) -> None:
    audited = house.count("kit_audit")
    for number in range(40):
        house.live_a_day(number)
    house.purge()
    assert house.count("inbox_deliveries", "state = 'done'") == 30
    assert house.count("inbox_deliveries", "state = 'failed'") == 40
    assert house.count("inbox_deliveries", "state = 'waiting'") == 40
    assert house.count("routing_decisions") == 40
    assert house.count("kit_feed", "name = 'test.day_lived'") == 7
    assert house.count("kit_jobs", "kind = 'test.day'") == 2
    value = {
        "handled_deliveries_days": 1, "failed_deliveries_days": 20,
        "send_attempts_days": 30, "dispatch_decisions_days": 10,
    }  # fmt: skip
    from_tomorrow = Edit("少留一些", effective_from=house.clock.now() + timedelta(days=1))
    house.write(lambda tx: set_policy(tx, house.shop_id, "retention", value, from_tomorrow))
    house.purge()
    assert house.count("inbox_deliveries", "state = 'done'") == 30, "the new policy is not in force yet"
    house.clock.advance(86_400)
    house.purge()
    assert house.count("inbox_deliveries", "state = 'done'") == 0
    assert house.count("inbox_deliveries", "state = 'failed'") == 19
    assert house.count("inbox_deliveries", "state = 'waiting'") == 40, "what waits is never thrown away"
    assert house.count("routing_decisions") == 9
    assert house.count("kit_audit") >= audited


def test_thousands_of_old_rows_go_in_pieces(house: House) -> None:
    """No piece is longer than 500 rows, so that nobody waits for a purge."""

    def many(tx: Tx) -> None:
        for number in range(1_200):
            row = DecisionRow(tx.ids.next(), number, tx.now, "opened", "assigned", 7, None, 3)
            store_decision(tx.conn, house.shop_id, row)

    house.write(many)
    house.clock.advance(181 * 86_400)
    before = house.rt.lane.unit_count
    house.purge()
    assert house.count("routing_decisions") == 0
    assert house.rt.lane.unit_count - before >= 3 + len(PURGES)
