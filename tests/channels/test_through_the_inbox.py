"""The real adapters through the real doors, inbox and jobs: simulators and the Node connector at the other end.

What the unit tests prove apart is proven together here (reliability.md F1, F7, F15; channels.md §7).
"""

from __future__ import annotations

from collections import Counter

from miaohui.channels.model import Kind, parts
from miaohui.channels.sim.doudian.simulator import DoudianSimulator
from miaohui.channels.sim.douyin_im.simulator import DouyinSimulator
from miaohui.inbox import actions
from miaohui.inbox.actions.files import add_attachment
from miaohui.inbox.events import BusinessFactArrived
from miaohui.inbox.jobs import blobs_of
from miaohui.inbox.model import ReplyDraft
from miaohui.kit.tx import SYSTEM
from tests.channels.bridging import AT, EVENTS, connector, without_seq
from tests.channels.joined import answer, connect, pump, served, stored, stored_at_last
from tests.channels.peers import run
from tests.world import SHOP_A


def test_a_buyer_of_douyin_is_heard_and_answered_once_even_when_the_platform_resets(desk):
    async def work():
        sim = DouyinSimulator()
        port = await sim.start()
        connect(
            desk, "douyin_im", {"client_key": sim.client.key, "open_id": sim.inbox.open_id, "base_url": sim.base_url},
            {"client_secret": sim.client.secret, "auth_code": "sim-code"},
        )  # fmt: skip
        async with served(desk, sim=port) as at:
            sim.pusher.configure(url=f"http://127.0.0.1:{at}/hooks/douyin_im/hook-douyin_im")
            assert (await sim.verify_address())["ok"]
            sim.inbox.receive({"buyer": "b1", "nick_name": "刘东", "text": "多久发货"})
            await sim.pusher.idle()
            await pump(desk)
            (asked,) = await stored(desk)
            assert (asked.role, asked.text) == ("buyer", "多久发货")
            first = await answer(desk, asked.conversation_id, "今天发")
            await desk._work(20)
            sim.faults.add({"mode": "reset", "path": "/im/send"})
            second = await answer(desk, asked.conversation_id, "一定今天发")
            await desk._work(1)
            states = {row.id: row.state for row in await stored(desk)}
            assert (states[first], states[second]) == ("delivered", "unknown")
            await sim.pusher.idle()
            await pump(desk)
            states = {row.id: row.state for row in await stored(desk)}
            assert states[second] == "delivered" and len(states) == 3
            assert [one["content"]["text"]["text"] for one in sim.inbox.delivered] == ["今天发", "一定今天发"]
        await sim.close()

    run(work())


def test_news_of_doudian_reaches_the_rooms_above_once(desk):
    async def work():
        sim = DoudianSimulator()
        port = await sim.start()
        told = desk.world.record(BusinessFactArrived)
        connect(
            desk, "doudian",
            {"app_key": sim.app.key, "platform_shop_id": sim.shop.shop_id, "base_url": sim.base_url},
            {"app_secret": sim.app.secret},
        )  # fmt: skip
        async with served(desk, sim=port) as at:
            sim.pusher.configure(url=f"http://127.0.0.1:{at}/hooks/doudian/hook-doudian")
            order_id = sim.shop.create_order({})["order_id"]
            sim.shop.advance_order(order_id, "paid", {})
            row = sim.shop.create_aftersale({"order_id": order_id})
            sim.shop.advance_aftersale(row["aftersale_info"]["aftersale_id"], "platform_intervened", {})
            await sim.pusher.idle()
            await sim.pusher._deliver([{"tag": "9999", "msg_id": "new", "data": "{}"}], 0)
            assert all(record.ok for record in sim.pusher.records)
            await pump(desk)
            kinds = Counter(event.inbound.kind for event in told)
            assert kinds == {Kind.ORDER: 2, Kind.AFTERSALE: 1, Kind.ARBITRATION: 1, Kind.UNKNOWN: 1}
            assert {event.inbound.refs.get("order_id", order_id) for event in told} == {order_id}
        await sim.close()

    run(work())


def test_a_connector_in_node_brings_conversations_in_and_carries_answers_out_once(desk, tmp_path):
    async def work():
        connect(desk, "bridge", {"platform": "feige"}, {"bridge_secret": "b" * 32})
        again = {**EVENTS["msg.in"], "message_id": "m9", "at_ms": AT + 1000}
        script = [{"event": without_seq(one)} for one in (EVENTS["conv.snapshot"], EVENTS["msg.in"], again)]
        script += [{"wait_acked": True}, {"wait_commands": 1}, {"wait_acked": True}]
        async with served(desk) as at:
            url = f"ws://127.0.0.1:{at}/bridge/hook-bridge"
            async with connector(tmp_path, url, script, "hook-bridge", "b" * 32) as summary:
                rows = await stored_at_last(desk, 4)
                assert [(row.role, row.text) for row in rows] == [
                    ("buyer", "在吗"), ("agent", "亲，在的"), ("system", "以上为历史消息"), ("buyer", "在吗"),
                ]  # fmt: skip
                mine = await answer(desk, rows[0].conversation_id, "亲，今天发")
                await desk._work(5)
                states = {row.id: row.state for row in await stored(desk)}
                told = await summary()
            assert states[mine] == "delivered" and told["nacks"] == 0
            assert [one["cmd_id"] for one in told["shown"]] == [str(mine)]
            await pump(desk)
            assert len(await stored(desk)) == 5

    run(work())


def test_an_agents_image_reaches_a_buyer_of_douyin(desk):
    async def work():
        sim = DouyinSimulator()
        port = await sim.start()
        connect(
            desk, "douyin_im", {"client_key": sim.client.key, "open_id": sim.inbox.open_id, "base_url": sim.base_url},
            {"client_secret": sim.client.secret, "auth_code": "sim-code"},
        )  # fmt: skip
        async with served(desk, sim=port) as at:
            sim.pusher.configure(url=f"http://127.0.0.1:{at}/hooks/douyin_im/hook-douyin_im")
            sim.inbox.receive({"buyer": "b1", "text": "什么样子的"})
            asked = (await stored_at_last(desk, 1))[0]
            png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13)
            blob = blobs_of(desk.rt).put(png)
            kept = await desk.rt.write(
                SYSTEM, lambda tx: add_attachment(tx, SHOP_A, asked.conversation_id, blob, "图.png")
            )
            draft = ReplyDraft((parts.Image(blob_id=str(kept), mime="image/png", name="图.png"),))
            await desk.rt.write(
                SYSTEM, lambda tx: actions.reply(tx, SHOP_A, asked.conversation_id, draft, 5, "client-image")
            )
            await desk._work(5)
            assert [*sim.api.images.values()] == [png]
            assert sim.inbox.delivered[0]["content"]["image"]["media_id"] in sim.api.images
        await sim.close()

    run(work())
