"""Cards, requests to rate and files by reference through the real adapters (channels.md §6.1, R15)."""

from __future__ import annotations

import json

from sqlalchemy import select

from miaohui.channels.sim.douyin_im.simulator import DouyinSimulator
from miaohui.channels.sim.media import Kept
from miaohui.inbox.actions.cards import CardWish, invite_rating, send_card
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.messages import messages
from miaohui.kit.tx import SYSTEM
from miaohui.trade.actions import link_buyer, mirror_order
from miaohui.trade.model import OrderFact, OrderStatus, Source
from tests.channels.bridging import AT, EVENTS, FROM_SERVER, connector, without_seq
from tests.channels.joined import answer, connect, served, stored_at_last
from tests.channels.peers import run
from tests.world import SHOP_A


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
