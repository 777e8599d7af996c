"""Our 抖店 adapter and PyPI `doudian` 0.6 against the simulator (channels.md §1, §7; reliability.md F7, F9, F15)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from datetime import timedelta

import pytest
from doudian import AppType, DouDian

from miaohui.channels.doudian import push
from miaohui.channels.doudian.client import encode_call
from miaohui.channels.model import ChannelError, Kind, Puller, RawRequest
from miaohui.channels.sim.chaos import Manners, plan
from miaohui.channels.sim.doudian.simulator import DoudianSimulator
from miaohui.channels.sim.http import Request, Response
from miaohui.kit.egress import Ask
from tests.channels.peers import DoudianPair, Hook, run, with_doudian

ACKED = Response(200, push.ACK.body)


def raw_of(request: Request) -> RawRequest:
    return RawRequest(request.method, request.path, request.headers, request.query, request.body)


@pytest.fixture
def shanghai(monkeypatch):
    """doudian 0.6 writes the machine's local time as if it were GMT+8 (channels.md §8)."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    os.environ["TZ"] = "UTC"
    time.tzset()


def third_party(sim: DoudianSimulator, secret: str = "") -> DouDian:
    """Return the third-party client, pointed at the simulator."""
    peer = DouDian(sim.app.key, secret or sim.app.secret, AppType.TOOL)
    peer._gate_way, peer._app_type, peer._shop_id = sim.base_url, AppType.SELF, sim.shop.shop_id
    return peer


def test_the_third_party_client_gets_a_token_and_reads_an_order(shanghai):
    async def work(pair: DoudianPair):
        order = pair.sim.shop.create_order({"title": "羽绒服 <白> & 黑"})
        peer = third_party(pair.sim)
        assert await asyncio.to_thread(peer.init_token)
        found = await asyncio.to_thread(
            peer.request, "/order/orderDetail", {"shop_order_id": order["order_id"], "note": "中文 <&> /"}
        )
        assert found["err_no"] == 0
        assert found["data"]["shop_order_detail"]["order_id"] == order["order_id"]
        listed = await asyncio.to_thread(peer.request, "/order/searchList", {"size": 10, "page": 0})
        assert listed["data"]["total"] == 1

    run(with_doudian(work))


def test_the_third_party_client_with_a_wrong_secret_is_refused(shanghai):
    async def work(pair: DoudianPair):
        assert not await asyncio.to_thread(third_party(pair.sim, "wrong").init_token)
        assert pair.sim.api.log[-1]["sub_code"] == "isv.signature-invalid"

    run(with_doudian(work))


def test_the_third_party_client_with_a_clock_of_another_zone_is_refused_by_the_ten_minute_check():
    async def work(pair: DoudianPair):
        assert not await asyncio.to_thread(third_party(pair.sim).init_token)
        assert pair.sim.api.log[-1]["sub_code"] == "isv.timestamp-invalid"

    run(with_doudian(work))


def test_our_adapter_reads_order_aftersale_and_route():
    async def work(pair: DoudianPair):
        shop = pair.sim.shop
        order = shop.create_order({"room_id": "7423456789012345678"})
        shop.advance_order(order["order_id"], "paid", {})
        shop.advance_order(order["order_id"], "shipped", {"tracking_no": "SF1"})
        row = shop.create_aftersale({"order_id": order["order_id"]})
        fact = await pair.ours.fetch(pair.account, {"order_id": order["order_id"]})
        assert fact.kind is Kind.ORDER and fact.refs["shape"] == "order_detail" and fact.refs["status"] == "3"
        assert fact.raw["sku_order_list"][0]["room_id_str"] == "7423456789012345678"
        aftersale_id = row["aftersale_info"]["aftersale_id"]
        fact = await pair.ours.fetch(pair.account, {"aftersale_id": aftersale_id})
        assert fact.kind is Kind.AFTERSALE and fact.refs["order_id"] == order["order_id"]
        fact = await pair.ours.fetch(pair.account, {"tracking_no": "SF1", "logistics_code": "shunfeng"})
        assert fact.kind is Kind.LOGISTICS and len(fact.raw["route_node_list"]) == 2
        with pytest.raises(ChannelError) as caught:
            await pair.ours.fetch(pair.account, {"order_id": "404"})
        assert caught.value.code == "rejected" and "订单不存在" in str(caught.value)

    run(with_doudian(work))


@pytest.mark.parametrize("field", ["app_key", "method", "timestamp", "v", "sign", "sign_method", "body"])
def test_perturbing_any_signed_field_makes_the_platform_refuse(field):
    async def work(pair: DoudianPair):
        ours, account = pair.ours, pair.account
        token = await ours.client._tokens.get(account, ours.client)
        ask = encode_call(account, "order/searchList", {"size": 10}, pair.sim.clock.now_s(), token.access)
        assert json.loads((await pair.egress.send(ask)).content)["code"] == 10000
        if field == "body":
            bent = Ask(ask.method, ask.url, "x", ask.headers, ask.content + b" ")
        else:
            head, tail = ask.url.split(f"{field}=", 1)
            value, _, rest = tail.partition("&")
            bent = Ask(ask.method, f"{head}{field}={value}1&{rest}", "x", ask.headers, ask.content)
        answer = json.loads((await pair.egress.send(bent)).content)
        assert answer["code"] == 40003

    run(with_doudian(work))


def test_many_calls_at_once_create_one_token_and_eighty_percent_of_its_life_renews_it_once():
    async def work(pair: DoudianPair):
        ours, account = pair.ours, pair.account
        order_id = pair.sim.shop.create_order({})["order_id"]

        def tokens(path):
            return [entry for entry in pair.sim.api.log if entry["path"] == path]

        async def many():
            await asyncio.gather(*(ours.fetch(account, {"order_id": order_id}) for _ in range(8)))

        await many()
        assert len(tokens("/token/create")) == 1
        pair.sim.clock.advance(pair.sim.app.token_life_s * 0.79)
        await many()
        assert len(tokens("/token/refresh")) == 0
        pair.sim.clock.advance(pair.sim.app.token_life_s * 0.02)
        await many()
        assert len(tokens("/token/refresh")) == 1 and len(tokens("/token/create")) == 1

    run(with_doudian(work))


def test_a_token_that_the_platform_ended_is_replaced_once_and_the_call_repeated():
    async def work(pair: DoudianPair):
        ours, account = pair.ours, pair.account
        order_id = pair.sim.shop.create_order({})["order_id"]
        await ours.fetch(account, {"order_id": order_id})
        for grant in pair.sim.app.grants:
            grant.expires_s = 0
        facts = await asyncio.gather(*(ours.fetch(account, {"order_id": order_id}) for _ in range(5)))
        assert all(fact.refs["order_id"] == order_id for fact in facts)
        assert len(pair.sim.app.grants) == 2

    run(with_doudian(work))


def test_when_refresh_tokens_are_spent_too_a_self_use_app_asks_for_a_new_token():
    async def work(pair: DoudianPair):
        order_id = pair.sim.shop.create_order({})["order_id"]
        await pair.ours.fetch(pair.account, {"order_id": order_id})
        pair.sim.clock.advance(30 * 86_400)
        assert await pair.ours.fetch(pair.account, {"order_id": order_id})
        assert [grant.shop_id for grant in pair.sim.app.grants] == [pair.sim.shop.shop_id] * 2

    run(with_doudian(work))


def test_a_shop_that_withdrew_its_authorisation_is_not_permitted():
    async def work(pair: DoudianPair):
        order_id = pair.sim.shop.create_order({})["order_id"]
        await pair.ours.fetch(pair.account, {"order_id": order_id})
        pair.sim.app.shops.clear()
        with pytest.raises(ChannelError) as caught:
            await pair.ours.fetch(pair.account, {"order_id": order_id})
        assert caught.value.code == "not_permitted" and caught.value.fault.log_id

    run(with_doudian(work))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("limit", "rate_limited"),
        ("error500", "transient"),
        ("html", "transient"),
        ("half", "transient"),
        ("reset", "transient"),
        ("reset_before", "transient"),
    ],
)
def test_faults_of_the_platform_fall_into_their_class_for_reads(mode, expected):
    async def work(pair: DoudianPair):
        order_id = pair.sim.shop.create_order({})["order_id"]
        await pair.ours.fetch(pair.account, {"order_id": order_id})
        pair.sim.faults.add({"mode": mode, "path": "orderDetail"})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.fetch(pair.account, {"order_id": order_id})
        assert caught.value.code == expected
        assert await pair.ours.fetch(pair.account, {"order_id": order_id})

    run(with_doudian(work))


def test_a_write_that_was_taken_before_the_reset_is_unknown_and_not_repeated():
    async def work(pair: DoudianPair):
        order_id = pair.sim.shop.create_order({})["order_id"]
        pair.sim.faults.add({"mode": "reset", "path": "addOrderRemark"})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.client.write(
                pair.account, "order/addOrderRemark", {"order_id": order_id, "remark": "加急"}
            )
        assert caught.value.code == "unknown" and not caught.value.is_final
        assert pair.sim.shop.orders[order_id]["seller_words"] == "加急"
        assert sum(entry["path"] == "/order/addOrderRemark" for entry in pair.sim.api.log) == 1

    run(with_doudian(work))


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


def test_pushes_of_the_simulator_are_accepted_by_the_third_party_verifier_and_by_ours():
    async def work(pair: DoudianPair):
        hook = Hook(lambda request: ACKED)
        pair.sim.pusher.configure(url=await hook.start(), manners=Manners(batch=3, seed=4))
        shop = pair.sim.shop
        order_id = shop.create_order({"title": "羽绒服 <白>"})["order_id"]
        for step in ("paid", "shipped", "completed"):
            shop.advance_order(order_id, step, {})
        await pair.sim.pusher.idle()
        peer = third_party(pair.sim)
        topics = []
        for request in hook.requests:
            assert peer.callback(dict(request.headers), request.body) == json.loads(request.body)
            assert pair.ours.verify(raw_of(request), pair.account)
            topics += [fact.refs["topic"] for fact in pair.ours.decode(raw_of(request), pair.account)]
        assert sorted(topics) == ["completed", "created", "paid", "shipped"]
        assert len(hook.requests) < 4
        await hook.close()

    run(with_doudian(work))


def test_the_platform_pushes_again_with_the_same_message_id_until_it_is_acknowledged():
    async def work(pair: DoudianPair):
        answers = iter([Response(500), Response(200, push.NACK.body), ACKED])
        hook = Hook(lambda request: next(answers))
        pair.sim.pusher.configure(url=await hook.start(), tries=5, pause_s=0.01)
        pair.sim.shop.create_order({})
        await pair.sim.pusher.idle()
        ids = [json.loads(request.body)[0]["msg_id"] for request in hook.requests]
        assert len(ids) == 3 and len(set(ids)) == 1
        keys = {pair.ours.decode(raw_of(request), pair.account)[0].event_key for request in hook.requests}
        assert len(keys) == 1
        await hook.close()

    run(with_doudian(work))


def test_a_platform_with_bad_manners_loses_and_doubles_by_its_seed():
    async def work(pair: DoudianPair):
        hook = Hook(lambda request: ACKED)
        manners = Manners(lost=0.3, doubled=0.5, shuffled=0.5, shuffle_ms=20, seed=11)
        pair.sim.pusher.configure(url=await hook.start(), manners=manners)
        for _ in range(40):
            pair.sim.shop.create_order({})
        await pair.sim.pusher.idle()
        ids = [json.loads(request.body)[0]["msg_id"] for request in hook.requests]
        assert len(set(ids)) + len(pair.sim.pusher.lost_ids) == 40
        assert 5 <= len(pair.sim.pusher.lost_ids) <= 20 and len(ids) > len(set(ids))
        await hook.close()

    run(with_doudian(work))


def test_a_chaos_plan_is_replayed_by_its_seed_and_keeps_its_rates():
    at_ms = [n * 10 for n in range(2000)]
    manners = Manners(lost=0.05, doubled=0.2, late=0.1, late_by_ms=21_600_000, shuffled=0.3, batch=4, seed=3)
    drops = plan(at_ms, manners)
    assert drops == plan(at_ms, manners) != plan(at_ms, Manners(seed=4, lost=0.05))
    seen = [index for drop in drops for index in drop.events]
    assert abs(len(set(seen)) / 2000 - 0.95) < 0.02
    assert abs((len(seen) - len(set(seen))) / 1900 - 0.2) < 0.04
    assert all(a.at_ms <= b.at_ms for a, b in zip(drops, drops[1:], strict=False))
    assert max(drop.at_ms for drop in drops) > 3_600_000 and max(len(drop.events) for drop in drops) == 4


def test_the_control_api_drives_a_whole_order_over_http():
    async def work(pair: DoudianPair):
        async def control(path, value):
            ask = Ask("POST", f"{pair.sim.base_url}/sim/{path}", "sim", {}, json.dumps(value).encode())
            reply = await pair.egress.send(ask)
            return reply.status, json.loads(reply.content)

        status, order = await control("orders", {"amount_fen": 100})
        assert status == 200 and order["order_status"] == 1
        assert (await control(f"orders/{order['order_id']}/paid", {}))[1]["order_status"] == 105
        status, row = await control("aftersales", {"order_id": order["order_id"]})
        aftersale_id = row["aftersale_info"]["aftersale_id"]
        assert (await control(f"aftersales/{aftersale_id}/refunded", {}))[0] == 200
        assert (await control("state", {}))[1][pair.sim.shop.shop_id]["orders"][order["order_id"]]
        assert (await control("faults", {"mode": "gone"}))[0] == 400
        assert (await control("nonsense", {}))[0] == 400
        assert (await control("health", {}))[1]["ok"]

    run(with_doudian(work))
