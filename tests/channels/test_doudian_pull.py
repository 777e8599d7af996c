"""Reading 抖店 again: nothing is skipped while it changes (channels.md §1.3; reliability.md F7)."""

from __future__ import annotations

import random
from datetime import timedelta

from miaohui.channels.model import Kind, Puller
from tests.channels.peers import DoudianPair, run, with_doudian


async def pull_all(pair: DoudianPair, stream: str, since, between=lambda: None):
    facts, cursor = [], None
    while True:
        page = await pair.ours.pull(pair.account, stream, since, cursor)
        facts.extend(page.facts)
        cursor = page.cursor
        if cursor is None:
            return facts
        between()


def test_pulling_reads_every_order_although_orders_change_while_we_page():
    async def work(pair: DoudianPair):
        assert isinstance(pair.ours, Puller)
        shop, rng = pair.sim.shop, random.Random(5)
        since = pair.ours._clock.now()
        for _ in range(350):
            shop.create_order({})
            pair.sim.clock.advance(0.4)
        before = set(shop.orders)

        def meanwhile():
            pair.sim.clock.advance(1)
            for order_id in rng.sample(sorted(before), 20):
                shop.advance_order(order_id, "paid", {})

        facts = await pull_all(pair, "orders", since, meanwhile)
        changed = await pull_all(pair, "orders", pair.ours._clock.now())
        assert before <= {fact.refs["order_id"] for fact in (*facts, *changed)}
        assert {fact.refs["order_id"]: fact.refs["status"] for fact in (*facts, *changed)} == {
            order_id: str(order["order_status"]) for order_id, order in shop.orders.items()
        }

    run(with_doudian(work))


def test_more_than_a_page_of_orders_in_the_same_second_is_read_by_page_number():
    async def work(pair: DoudianPair):
        now_s = pair.sim.clock.now_s()
        for _ in range(250):
            pair.sim.shop.create_order({})["update_time"] = now_s
        facts = await pull_all(pair, "orders", pair.ours._clock.now())
        assert len({fact.refs["order_id"] for fact in facts}) == 250

    run(with_doudian(work))


def test_each_round_looks_back_at_least_ten_minutes():
    async def work(pair: DoudianPair):
        pair.sim.shop.create_order({})
        pair.sim.clock.advance(599)
        now = pair.ours._clock.now()
        assert len(await pull_all(pair, "orders", now)) == 1
        pair.sim.clock.advance(60)
        assert len(await pull_all(pair, "orders", now + timedelta(seconds=60))) == 0

    run(with_doudian(work, overlap_s=1))


def test_the_same_state_pulled_twice_has_the_same_key_and_a_new_state_another():
    async def work(pair: DoudianPair):
        shop, since = pair.sim.shop, pair.ours._clock.now()
        order_id = shop.create_order({})["order_id"]
        (one,), (two,) = await pull_all(pair, "orders", since), await pull_all(pair, "orders", since)
        assert one.event_key == two.event_key
        shop.advance_order(order_id, "paid", {})
        (three,) = await pull_all(pair, "orders", since)
        assert three.event_key != one.event_key

    run(with_doudian(work))


def test_aftersales_and_complaint_tickets_are_pulled():
    async def work(pair: DoudianPair):
        shop, since = pair.sim.shop, pair.ours._clock.now()
        row = shop.create_aftersale({"order_id": shop.create_order({})["order_id"]})
        shop.advance_aftersale(row["aftersale_info"]["aftersale_id"], "platform_intervened", {})
        shop.create_ticket({"detail": "投诉：七天未发货"})
        (aftersale,) = await pull_all(pair, "aftersales", since)
        assert aftersale.refs["arbitrate_status"] == "1" and aftersale.kind is Kind.AFTERSALE
        (ticket,) = await pull_all(pair, "service_tickets", since)
        assert ticket.kind is Kind.SERVICE_TICKET and ticket.raw["detail"] == "投诉：七天未发货"

    run(with_doudian(work))
