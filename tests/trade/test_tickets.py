"""Complaint tickets 服务单: pulled from the platform, mirrored, reconciled (channels.md §1.4, R3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miaohui.channels.doudian.adapter import Doudian
from miaohui.channels.model.inbound import Account
from miaohui.channels.sim.doudian.simulator import DoudianSimulator
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.kit import jobs as kit_jobs
from miaohui.kit.clock import SteadyClock
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.egress import Egress
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job
from miaohui.trade import actions, queries
from miaohui.trade.actions.erase import erase_orders
from miaohui.trade.events import ServiceTicketMirrored
from miaohui.trade.jobs import HANDLERS
from miaohui.trade.model import PullAccount, TicketStatus
from miaohui.trade.model.tickets import ticket_from_list
from miaohui.trade.routes import router
from tests.door import BOB_AGENT, CHARLIE_OUTSIDER, Door
from tests.world import SHOP_A, World

ROW = {
    "id": 7312345678901234567, "order_id": 6920000000000000001, "operate_status": 0, "operate_status_desc": "待处理",
    "detail": "七天未发货，电话 13912345678", "reply": "", "service_type": 1, "create_time": "1795348000",
    "update_time": "1795348000", "reply_time": "",
}  # fmt: skip


def mirror(world: World, **changes: Any) -> Any:
    fact = ticket_from_list(7, {**ROW, **changes})
    assert fact is not None
    return world.write(lambda tx: actions.mirror_ticket(tx, SHOP_A, fact))


def shown(world: World) -> list[dict[str, Any]]:
    return world.read(lambda conn: queries.list_service_tickets(conn, SHOP_A)).items


def test_a_ticket_is_mirrored_once_and_tells_what_changed(world: World) -> None:
    told = world.record(ServiceTicketMirrored)
    assert [mirror(world).has_changed, mirror(world).has_changed] == [True, False]
    answered = {
        "operate_status": 10,
        "operate_status_desc": "审核中",
        "reply": "已安排发货",
        "reply_time": "1795349000",
    }
    mirror(world, update_time="1795349000", **answered)
    mirror(world)  # an older word, read again within the overlap
    (ticket,) = shown(world)
    assert (ticket["status"], ticket["reply"]) == ("reviewing", "已安排发货")
    assert ticket["platform_ticket_id"] == "7312345678901234567" and "13912345678" not in ticket["detail"]
    assert [(e.status, e.previous_status) for e in told] == [("open", None), ("reviewing", "open")]


@pytest.mark.parametrize(
    ("number", "words", "status"),
    [(0, "待处理", "open"), (10, "审核中", "reviewing"), (20, "", "closed"), (3, "已完结", "closed"),
     (77, "新状态", "other")],
)  # fmt: skip
def test_states_are_told_by_number_and_by_words(number: int, words: str, status: str) -> None:
    fact = ticket_from_list(7, {**ROW, "operate_status": number, "operate_status_desc": words})
    assert fact is not None and fact.status == TicketStatus(status) and fact.status_said == (words or None)


@pytest.mark.parametrize("row", [{}, {"id": 0}, {"id": None}, {"id": []}])
def test_a_row_without_an_id_is_no_ticket(row: dict[str, Any]) -> None:
    assert ticket_from_list(7, row) is None


def test_tickets_are_listed_by_status_and_order_and_only_for_their_shop(world: World) -> None:
    mirror(world)
    mirror(world, id=2, order_id=5, operate_status=20, create_time="1795348900")
    door = Door(world, router)
    try:
        every = door.call("GET", "/api/service-tickets", BOB_AGENT).body["items"]
        assert [one["platform_ticket_id"] for one in every] == ["2", "7312345678901234567"]
        path = "/api/service-tickets?"
        assert len(door.call("GET", path + "status=open", BOB_AGENT).body["items"]) == 1
        (mine,) = door.call("GET", path + "order_number=5", BOB_AGENT).body["items"]
        one = door.call("GET", f"/api/service-tickets/{mine['id']}", BOB_AGENT)
        assert (one.status, one.body["status_zh"]) == (200, "待处理")
        assert door.call("GET", f"/api/service-tickets/{mine['id']}", CHARLIE_OUTSIDER).status == 404
        assert door.call("GET", "/api/service-tickets", CHARLIE_OUTSIDER).body["items"] == []
    finally:
        door.close()


def test_an_erasure_blanks_what_was_complained_of_for_good(world: World) -> None:
    from miaohui.trade.model import OrderFact, Source

    order = OrderFact(Source("doudian", 7, world.clock.now(), True), "6920000000000000001")

    def leave(tx: Any) -> None:
        order_id = actions.mirror_order(tx, SHOP_A, order).id
        actions.link_buyer(tx, SHOP_A, order_id, 5, "订单卡片")

    world.write(leave)
    mirror(world)
    world.write(lambda tx: erase_orders(tx, SHOP_A, (5,)))
    mirror(world, update_time="1795350000", detail="又来一次")
    assert shown(world)[0]["detail"] == ""


class Stage:
    """The real adapter, the real simulator over HTTP, the real reconcile jobs."""

    def __init__(self, world: World, folder: Path) -> None:
        clock = SteadyClock()
        world.clock.set(clock.now())
        self.world, self.runner, self.sim = world, asyncio.Runner(), DoudianSimulator()
        port = self.runner.run(self.sim.start())
        self.egress = Egress(clock, allow=[f"127.0.0.1:{port}"])
        config = {
            "app_key": self.sim.app.key, "platform_shop_id": self.sim.shop.shop_id, "base_url": self.sim.base_url,
        }  # fmt: skip
        self.account = Account(SHOP_A, 11, "dd", "doudian", config, {"app_secret": self.sim.app.secret})
        adapter = Doudian(self.egress, Tokens(MemoryTokens(), clock), clock)
        self.place = PullAccount(self.account, adapter)
        self.rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), folder)
        self.rt.lane.start()
        self.rt.ports["trade.accounts"] = self

    async def list_pullable(self) -> list[PullAccount]:
        return [self.place]

    async def find_pullable(self, shop_id: int, account_id: int) -> PullAccount | None:
        return self.place if (shop_id, account_id) == (SHOP_A, 11) else None

    def reconcile(self) -> None:
        self.runner.run(self._reconcile())

    async def _reconcile(self) -> None:
        self.world.clock.advance(60)
        ask = lambda tx: tx.enqueue("trade.reconcile_all", {})
        await self.rt.write(SYSTEM, ask)
        while claimed := await self.rt.write(SYSTEM, lambda tx: kit_jobs.claim(tx.conn, tx.now, "w", 10)):
            for row in claimed:
                job = Job(row, self.rt)
                await HANDLERS[row.kind](job, self.rt)
                if not job.finished:
                    await job.finish()

    def close(self) -> None:
        self.runner.run(self.egress.close())
        self.runner.run(self.sim.close())
        self.rt.lane.stop()
        self.rt.readers.shutdown(wait=False)
        self.runner.close()


@pytest.fixture
def stage(world: World, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(world, tmp_path)
    yield made
    made.close()


def test_a_ticket_of_the_simulated_platform_is_found_by_the_reconcile_and_followed(stage: Stage) -> None:
    """The platform announces none: only the pull knows (channels.md §1.4)."""
    order_id = stage.sim.shop.create_order({})["order_id"]
    ticket = stage.sim.shop.create_ticket({"order_id": order_id, "detail": "投诉：七天未发货"})
    ticket["update_time"] = str(int(ticket["update_time"]) - 10)
    stage.reconcile()
    (found,) = shown(stage.world)
    assert (found["platform_ticket_id"], found["status"]) == (str(ticket["id"]), "open")
    assert (found["platform_order_id"], found["detail"]) == (str(order_id), "投诉：七天未发货")
    stage.sim.shop.tickets[str(ticket["id"])] |= {
        "reply": "已补发", "operate_status": 10, "operate_status_desc": "审核中",
        "update_time": str(int(ticket["update_time"]) + 1),
    }  # fmt: skip
    stage.reconcile()
    (found,) = shown(stage.world)
    assert (found["status"], found["reply"]) == ("reviewing", "已补发")
    cursors = stage.world.read(lambda conn: queries.list_cursors(conn, SHOP_A))
    assert {row["stream"] for row in cursors} == {"orders", "aftersales", "service_tickets"}
