"""The real adapters through the real doors, inbox and jobs: simulators and the Node connector at the other end.

What the unit tests prove apart is proven together here (reliability.md F1, F7, F15; channels.md §7).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter

import pytest
import uvicorn
from sqlalchemy import select

from miaohui.app import bridge_socket
from miaohui.app.http import make_app
from miaohui.app.ports import AttachmentFiles
from miaohui.channels.model import Kind, parts
from miaohui.channels.registry import make_adapters
from miaohui.channels.sim.doudian.simulator import DoudianSimulator
from miaohui.channels.sim.douyin_im.simulator import DouyinSimulator
from miaohui.channels.sim.media import Kept
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.inbox import actions
from miaohui.inbox import routes as inbox_routes
from miaohui.inbox.actions.cards import CardWish, invite_rating, send_card
from miaohui.inbox.actions.files import add_attachment
from miaohui.inbox.events import BusinessFactArrived
from miaohui.inbox.jobs import blobs_of, pumps
from miaohui.inbox.model import ReplyDraft
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.messages import messages
from miaohui.kit.clock import SteadyClock
from miaohui.kit.egress import Egress
from miaohui.kit.tx import SYSTEM
from miaohui.shop.actions import add_channel_account
from miaohui.shop.actions.accounts import NewAccount
from miaohui.trade.actions import link_buyer, mirror_order
from miaohui.trade.model import OrderFact, OrderStatus, Source
from tests.channels.bridging import AT, EVENTS, FROM_SERVER, connector, without_seq
from tests.channels.peers import run
from tests.inbox.desk import VAULT, Desk
from tests.world import SHOP_A


@pytest.fixture
def desk(world, tmp_path):
    clock = SteadyClock()
    world.clock.set(clock.now())
    made = Desk(world, tmp_path)
    made.clock = clock
    yield made
    made.close()


@contextlib.asynccontextmanager
async def served(desk: Desk, **allow: int):
    """Serve the doors for real; the adapters may call the simulators' ports."""
    egress = Egress(desk.clock, allow=[f"127.0.0.1:{port}" for port in allow.values()])
    desk.rt.ports["egress"] = egress
    desk.rt.ports["channels"] = make_adapters(
        egress, Tokens(MemoryTokens(), desk.clock), desk.clock, files=AttachmentFiles(desk.rt)
    )
    app = make_app(desk.rt, desk.auth, [inbox_routes.router, bridge_socket.router])
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        await egress.close()


def connect(desk: Desk, channel: str, config: dict, secrets: dict) -> None:
    new = NewAccount(channel, channel, config, secrets, f"hook-{channel}")
    desk.world.write(lambda tx: add_channel_account(tx, VAULT, SHOP_A, new))


async def pump(desk: Desk) -> None:
    while await desk.rt.write(SYSTEM, pumps(desk.rt)[0].step):
        pass


async def stored(desk: Desk):
    columns = (messages.c.id, messages.c.conversation_id, messages.c.role, messages.c.text, messages.c.state)
    return await desk.rt.read(
        lambda conn: conn.execute(select(*columns).order_by(messages.c.occurred_ms)).all()
    )


async def stored_at_last(desk: Desk, count: int):
    """Wait until so many messages are stored."""
    while len(rows := await stored(desk)) < count:
        await pump(desk)
        await asyncio.sleep(0.01)
    return rows


async def answer(desk: Desk, conversation_id: int, text: str) -> int:
    draft = ReplyDraft((parts.Text(text),))
    return await desk.rt.write(
        SYSTEM, lambda tx: actions.reply(tx, SHOP_A, conversation_id, draft, 5, f"client-{text}")
    )


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


def sell(tx, talk: int) -> int:
    """Mirror an order of a conversation's buyer; returns our id of it."""
    number, at = "6920000000000000001", tx.now
    fact = OrderFact(
        Source("doudian", 7, at, True), number, OrderStatus.SHIPPED, pay_fen=25_900, placed_at=at
    )
    order_id = mirror_order(tx, SHOP_A, fact).id
    link_buyer(tx, SHOP_A, order_id, get_conversation(tx.conn, SHOP_A, talk).buyer_id, "订单卡片")
    return order_id


def test_an_order_card_and_a_request_to_rate_reach_the_platform_through_the_connector(desk, tmp_path):
    """飞鸽 takes both only through the bridge (channels.md §0.1, §6.1)."""

    async def work():
        connect(desk, "bridge", {"platform": "feige"}, {"bridge_secret": "b" * 32})
        script = [{"event": without_seq(EVENTS["msg.in"])}, {"wait_acked": True}, {"wait_commands": 3}]
        async with served(desk) as at:
            url = f"ws://127.0.0.1:{at}/bridge/hook-bridge"
            async with connector(
                tmp_path, url, [*script, {"wait_acked": True}], "hook-bridge", "b" * 32
            ) as summary:
                talk = (await stored_at_last(desk, 1))[0].conversation_id
                order_id = await desk.rt.write(SYSTEM, lambda tx: sell(tx, talk))
                await answer(desk, talk, "亲，这是您的订单")
                await desk._work(5)
                await desk.rt.write(
                    SYSTEM,
                    lambda tx: send_card(tx, SHOP_A, talk, CardWish("order", order_id), 5, "client-card"),
                )
                await desk._work(5)
                await desk.rt.write(SYSTEM, lambda tx: invite_rating(tx, SHOP_A, talk, 5))
                await desk._work(5)
                told = await summary()
            shown = [part for one in told["shown"] for part in one["parts"]]
            assert [part["type"] for part in shown] == ["text", "order_card", "rating_invite"]
            assert (shown[1]["order_id"], shown[1]["status_zh"]) == ("6920000000000000001", "已发货")
            for one in told["shown"]:
                assert FROM_SERVER.is_valid({**one, "buyer_id": "b", "agent_id": "", "deadline_ms": AT}), one

    run(work())


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "0000000500010d0a2db40000000049454e44ae426082"
)


async def parts_of_last(desk):
    query = select(messages.c.parts).order_by(messages.c.id.desc()).limit(1)
    return json.loads(await desk.rt.read(lambda conn: conn.execute(query).scalar_one()))


def test_a_picture_that_a_platform_names_by_address_is_fetched_and_kept(desk, tmp_path):
    """Both ways in which a platform tells an address: 抖音's webhook and the bridge's connector."""

    async def work():
        sim = DouyinSimulator()
        port = await sim.start()
        hosts = {"media_hosts": ["127.0.0.1"]}
        connect(
            desk, "douyin_im",
            {"client_key": sim.client.key, "open_id": sim.inbox.open_id, "base_url": sim.base_url, **hosts},
            {"client_secret": sim.client.secret, "auth_code": "sim-code"},
        )  # fmt: skip
        connect(desk, "bridge", {"platform": "feige", **hosts}, {"bridge_secret": "b" * 32})
        urls = [sim.base_url + sim.media.put(Kept(PNG, "image/png", until)) for until in (None, None, 0)]
        async with served(desk, sim=port) as at:
            sim.pusher.configure(url=f"http://127.0.0.1:{at}/hooks/douyin_im/hook-douyin_im")
            sim.inbox.receive(
                {"buyer": "b1", "message_type": "image", "resource_type": "image", "resource_url": urls[0]}
            )
            await stored_at_last(desk, 1)
            await desk._work(5)
            assert "blob_id" in (await parts_of_last(desk))[0]
            pictures = [
                {**without_seq(EVENTS["msg.in"]), "message_id": f"p{n}", "at_ms": AT + n,
                 "parts": [{"type": "image", "url": url}]}
                for n, url in enumerate(urls[1:])
            ]  # fmt: skip
            script = [*[{"event": one} for one in pictures], {"wait_acked": True}]
            url = f"ws://127.0.0.1:{at}/bridge/hook-bridge"
            async with connector(tmp_path, url, script, "hook-bridge", "b" * 32) as summary:
                await summary()
            await stored_at_last(desk, 3)
            await desk._work(5)
            assert (await parts_of_last(desk))[0]["problem"] == "expired"
            assert sorted(sim.media.asked.values()) == [1, 1, 1]
        await sim.close()

    run(work())
