"""One push of 抖店 that speaks of several shops: each fact goes to its own shop, or is refused visibly (F7)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from miaohui.channels.doudian.adapter import Doudian
from miaohui.channels.doudian.sign import event_sign
from miaohui.channels.model import Kind
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.inbox.actions.deliveries import replay_delivery
from miaohui.inbox.events import BusinessFactArrived
from miaohui.inbox.store.deliveries import deliveries
from miaohui.kit.egress import Egress
from miaohui.shop.actions import NewAccount, add_channel_account
from tests.inbox.desk import VAULT, Desk
from tests.inbox.parts import only
from tests.world import SHOP_A, SHOP_B

APP, SECRET = "7654321", "0b3c2f4e-1111-2222-3333-444455556666"


def connect(desk: Desk, shop_id: int, key: str, platform_shop_id: str, secret: str = SECRET) -> None:
    clock = desk.rt.clock
    adapter = Doudian(Egress(clock), Tokens(MemoryTokens(), clock), clock)
    desk.rt.ports["channels"]["doudian"] = adapter
    config = {"app_key": APP, "platform_shop_id": platform_shop_id}
    new = NewAccount("doudian", key, config, {"app_secret": secret}, key)
    desk.world.write(lambda tx: add_channel_account(tx, VAULT, shop_id, new))


def push(desk: Desk, *shops: str) -> int:
    """Deliver one order event for each shop in one push to the first account's address."""
    entries = [
        {"tag": "100", "msg_id": f"m-{shop}", "data": json.dumps({"shop_id": int(shop), "p_id": 69_000 + at})}
        for at, shop in enumerate(shops)
    ]
    body = json.dumps(entries).encode()
    headers = {"app-id": APP, "event-sign": event_sign(APP, SECRET, body)}
    return desk.ask("POST", "/hooks/doudian/door-1", None, content=body, headers=headers).status_code


def row(desk: Desk) -> Any:
    return desk.world.read(lambda conn: only(conn.execute(select(deliveries)).all()))


def test_each_fact_goes_to_its_own_shop(desk: Desk) -> None:
    connect(desk, SHOP_A, "door-1", "1001")
    connect(desk, SHOP_B, "door-2", "1002")
    told = desk.world.record(BusinessFactArrived)
    assert push(desk, "1001", "1002", "1001") == 200
    desk.pump()
    heard = {(event.shop_id, event.inbound.refs["platform_shop_id"], event.inbound.kind) for event in told}
    assert heard == {(SHOP_A, "1001", Kind.ORDER), (SHOP_B, "1002", Kind.ORDER)}
    assert row(desk).state == "done"


def test_a_shop_that_is_not_connected_is_said_and_its_news_come_after_it_is(desk: Desk) -> None:
    """What is ours is done at once; another app's account of that shop is not trusted with it."""
    connect(desk, SHOP_A, "door-1", "1001")
    connect(desk, SHOP_B, "door-x", "1002", secret="another app's secret")
    told = desk.world.record(BusinessFactArrived)
    assert push(desk, "1002", "1001") == 200
    desk.pump()
    assert [(event.shop_id, event.inbound.refs["platform_shop_id"]) for event in told] == [(SHOP_A, "1001")]
    failed = row(desk)
    assert failed.state == "failed" and "inbox.foreign_shop" in failed.error and "1002" in failed.error
    connect(desk, SHOP_B, "door-2", "1002")
    desk.world.clock.advance(6)
    desk.world.write(lambda tx: replay_delivery(tx, SHOP_A, failed.id, None))
    desk.pump()
    assert [event.shop_id for event in told] == [SHOP_A, SHOP_B] and row(desk).state == "done"
