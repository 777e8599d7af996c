"""Calls to the simulated 抖店, ours and those of PyPI `doudian` 0.6 (channels.md §1; reliability.md F9, F15)."""

from __future__ import annotations

import asyncio
import json
import os
import time

import pytest

from miaohui.channels.doudian.client import encode_call
from miaohui.channels.model import ChannelError, Kind
from miaohui.kit.egress import Ask
from tests.channels.peers import DoudianPair, run, third_party, with_doudian


@pytest.fixture
def shanghai(monkeypatch):
    """doudian 0.6 writes the machine's local time as if it were GMT+8 (channels.md §8)."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    os.environ["TZ"] = "UTC"
    time.tzset()


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
