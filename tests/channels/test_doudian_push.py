"""Pushes of the simulated 抖店, its bad manners and its control (channels.md §1.3, §7; reliability.md F7)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

import pytest

from miaohui.channels.doudian import push
from miaohui.channels.model import RawRequest
from miaohui.channels.sim.chaos import Manners, plan
from miaohui.channels.sim.http import Request, Response
from miaohui.kit.egress import Ask
from tests.channels.peers import DoudianPair, Hook, run, third_party, with_doudian

ACKED = Response(200, push.ACK.body)


def raw_of(request: Request) -> RawRequest:
    return RawRequest(request.method, request.path, request.headers, request.query, request.body)


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


@pytest.mark.parametrize("name", ["doudian", "douyin_im"])
def test_a_simulator_runs_as_a_program_of_its_own_and_stops_when_told(name):
    command = [sys.executable, "-m", f"miaohui.channels.sim.{name}", "--port", "0", "--seed", "3"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        told = json.loads(program.stdout.readline())
        with urllib.request.urlopen(f"{told['base_url']}/sim/health") as answer:
            assert told["simulator"] == name and json.loads(answer.read())["ok"]
        program.send_signal(signal.SIGTERM)
        assert program.wait(5) == 0
    finally:
        program.kill()
        program.stdout.close()


@pytest.mark.parametrize("name", ["doudian", "douyin_im"])
def test_a_simulator_imports_nothing_of_the_adapters_and_the_server(name):
    seen = subprocess.run(
        [sys.executable, "-c", f"import sys, miaohui.channels.sim.{name}.simulator; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    ours = {one for one in seen if one.startswith("miaohui.") and not one.startswith("miaohui.channels.sim")}
    assert ours == {"miaohui.channels"}
