"""Orders and products as cards, and the one request to rate of a conversation (channels.md §6.1, domain §2.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from miaohui.channels.model import Account, Kind, Rejected
from miaohui.channels.model.parts import Rating
from miaohui.channels.web_widget.adapter import WebWidget
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.facts import apply_fact
from miaohui.inbox.events import ReplySent
from miaohui.inbox.model.cards import can_open
from miaohui.kit.live import LiveHub
from miaohui.shop.actions import add_channel_account
from miaohui.shop.actions.accounts import NewAccount
from miaohui.trade import actions as trade
from miaohui.trade.model import OrderFact, OrderItemFact, OrderStatus, ProductFact, SkuFact, Source
from tests.door import BOB_AGENT
from tests.inbox.desk import VAULT, Desk
from tests.inbox.parts import line, only
from tests.inbox.test_widget import SECRETS, Page
from tests.world import SHOP_A

ABLE = frozenset({"text", "order_card", "product_card", "rating_invite"})


def ask(desk: Desk, buyer: str = "b1", key: str = "1") -> int:
    fact = line("我的订单呢", f"{buyer}-{key}", buyer, account=desk.account, at=desk.world.clock.now())
    desk.world.write(lambda tx: apply_fact(tx, desk.account, fact))
    sql = f"SELECT id FROM inbox_conversations WHERE peer = 'c-{buyer}' ORDER BY id DESC"
    return int(desk.world.read(lambda conn: conn.exec_driver_sql(sql).first())[0])


def buyer_of(desk: Desk, talk: int) -> int:
    sql = f"SELECT buyer_id FROM inbox_conversations WHERE id = {talk}"
    return int(desk.world.read(lambda conn: conn.exec_driver_sql(sql).first())[0])


def order(desk: Desk, number: str, buyer_id: int | None, channel: str = "doudian") -> int:
    """Mirror an order and link it to a buyer; returns our id."""
    at = desk.world.clock.now()
    items = (
        OrderItemFact(
            f"{number}1", product_name="针织开衫 米白 M", product_image_url="https://p.example/a.jpg", item_count=1
        ),
        OrderItemFact(f"{number}2", product_name="半身裙", item_count=2),
    )  # fmt: skip
    fact = OrderFact(
        Source(channel, 7, at, True), number, OrderStatus.SHIPPED, pay_fen=25_900, placed_at=at, items=items
    )

    def write(tx: Any) -> int:
        order_id = trade.mirror_order(tx, SHOP_A, fact).id
        if buyer_id is not None:
            trade.link_buyer(tx, SHOP_A, order_id, buyer_id, "订单卡片")
        return int(order_id)

    return desk.world.write(write)


def product(desk: Desk, number: str = "3500", title: str = "羊绒围巾") -> int:
    at = desk.world.clock.now()
    skus = (SkuFact("1", price_fen=19_900), SkuFact("2", price_fen=17_900))
    fact = ProductFact(Source("doudian", 7, at, True), number, title, "https://p.example/s.jpg", skus=skus)
    desk.world.write(lambda tx: trade.mirror_product(tx, SHOP_A, fact))
    sql = f"SELECT id FROM trade_products WHERE platform_product_id = '{number}'"
    return int(desk.world.read(lambda conn: conn.exec_driver_sql(sql).first())[0])


def send(desk: Desk, talk: int, client_id: str = "client-card-1", **body: Any) -> Any:
    return desk.call(
        "POST", f"/api/conversations/{talk}/cards", BOB_AGENT_ALL, json={"client_id": client_id, **body}
    )


BOB_AGENT_ALL = replace(BOB_AGENT, permissions=BOB_AGENT.permissions | {"inbox.read_all"})


def answer(desk: Desk, talk: int) -> None:
    body = {"client_id": "client-text-1", "text": "马上为您查"}
    assert desk.call("POST", f"/api/conversations/{talk}/messages", json=body).status == 202
    desk.work()


def invite(desk: Desk, talk: int) -> Any:
    return desk.call("POST", f"/api/conversations/{talk}/rating-invitation", BOB_AGENT_ALL)


def invitation(desk: Desk, talk: int) -> Any:
    return desk.call("GET", f"/api/conversations/{talk}/rating-invitation").body


@pytest.fixture
def able(desk: Desk) -> Desk:
    """A desk whose channel takes cards and invitations."""
    desk.channel.caps = replace(desk.channel.caps, parts_out=ABLE)
    return desk


# ---- cards


def test_an_order_of_the_buyer_goes_out_as_a_card_once(able: Desk) -> None:
    talk = ask(able)
    order_id = order(able, "6920000000000000001", buyer_of(able, talk))
    sent = send(able, talk, order_id=order_id)
    assert sent.status == 202 and sent.body["message"]["kind"] == "order_card"
    again = send(able, talk, order_id=order_id)
    assert again.body["message"]["id"] == sent.body["message"]["id"]
    able.work()
    key, out = only(able.channel.sent)
    card = only(list(out.parts))
    assert key == str(sent.body["message"]["id"])
    assert (card.order_id, card.amount_fen, card.status_zh, card.item_count) == (
        "6920000000000000001", 25_900, "已发货", 3,
    )  # fmt: skip
    assert card.title == "针织开衫 米白 M 等 3 件" and out.refs["order_id"] == "6920000000000000001"


def test_a_card_sent_again_after_its_order_moved_on_is_the_same_message(able: Desk) -> None:
    talk = ask(able)
    order_id = order(able, "69", buyer_of(able, talk))
    first = send(able, talk, order_id=order_id).body["message"]["id"]
    at = able.world.clock.now() + timedelta(minutes=1)
    done = OrderFact(Source("doudian", 7, at, True), "69", OrderStatus.COMPLETED)
    able.world.write(lambda tx: trade.mirror_order(tx, SHOP_A, done))
    assert send(able, talk, order_id=order_id).body["message"]["id"] == first
    other = order(able, "70", buyer_of(able, talk))
    assert send(able, talk, order_id=other).code == "inbox.client_id_reused"


def test_another_buyers_order_is_never_sent(able: Desk) -> None:
    talk, stranger = ask(able), ask(able, "b2")
    order_id = order(able, "69", buyer_of(able, stranger))
    assert send(able, talk, order_id=order_id).code == "inbox.card_of_other_buyer"
    assert send(able, talk, order_id=order(able, "70", None)).code == "inbox.card_of_other_buyer"
    assert send(able, talk, order_id=12345).code == "kit.not_found"
    assert send(able, talk, product_id=12345).code == "kit.not_found"
    able.work()
    assert able.channel.sent == []


def test_a_product_goes_out_with_its_lowest_price(able: Desk) -> None:
    talk = ask(able)
    assert send(able, talk, product_id=product(able)).status == 202
    able.work()
    card = only(list(only(able.channel.sent)[1].parts))
    assert (card.product_id, card.title, card.price_fen) == ("3500", "羊绒围巾", 17_900)


def test_a_channel_without_cards_refuses_them_and_says_why(desk: Desk) -> None:
    talk = ask(desk)
    order_id = order(desk, "69", buyer_of(desk, talk))
    refused = send(desk, talk, order_id=order_id)
    assert (refused.status, refused.code) == (422, "inbox.part_not_supported")
    assert refused.body["detail"]["types"] == ["order_card"]
    choices = desk.call("GET", f"/api/conversations/{talk}/cards").body
    assert not choices["can_send_order"] and choices["orders"] == [] and choices["reason_zh"]
    assert invite(desk, talk).code == "inbox.part_not_supported"


def test_the_choices_are_the_buyers_orders_and_the_products_of_that_title(able: Desk) -> None:
    talk, stranger = ask(able), ask(able, "b2")
    mine = order(able, "69", buyer_of(able, talk))
    order(able, "70", buyer_of(able, stranger))
    scarf, _ = product(able), product(able, "3600", "牛仔裤")
    path = f"/api/conversations/{talk}/cards"
    found = able.call("GET", path).body
    assert [one["order_id"] for one in found["orders"]] == [mine] and len(found["products"]) == 2
    assert found["orders"][0]["card"]["type"] == "order_card" and found["reason_zh"] == ""
    found = able.call("GET", path + "?q=围巾").body
    assert [one["product_id"] for one in found["products"]] == [scarf]


@pytest.mark.parametrize(
    ("channel", "platform", "source", "opens"),
    [
        ("bridge", "feige", "doudian", True),
        ("bridge", "feige", "tmall", False),
        ("bridge", "qianniu", "doudian", False),
        ("bridge", "other", "doudian", True),
        ("widget", "", "doudian", True),
    ],
)
def test_a_platforms_window_opens_only_its_own_cards(
    channel: str, platform: str, source: str, opens: bool
) -> None:
    assert can_open(channel, platform, source) is opens


# ---- the invitation


def test_a_buyer_is_asked_to_rate_once_and_no_clock_stops_for_it(able: Desk) -> None:
    talk = ask(able)
    answer(able, talk)
    ask(able, key="2")
    told = able.world.record(ReplySent)
    assert invitation(able, talk)["can_invite"] is True
    assert invite(able, talk).status == 202
    second = invite(able, talk)
    assert (second.status, second.code) == (409, "inbox.already_invited")
    able.work()
    assert [part.type for _, out in able.channel.sent for part in out.parts] == ["text", "rating_invite"]
    assert [event.by_robot for event in told] == [True]
    row = able.call("GET", f"/api/conversations/{talk}").body["conversation"]
    assert row["waiting_since"] is not None and row["unread_count"] == 1
    shown = invitation(able, talk)
    assert (shown["can_invite"], shown["code"]) == (False, "inbox.already_invited") and shown["invited_at"]


def test_nobody_is_asked_before_an_answer_after_a_rating_or_after_the_end(able: Desk) -> None:
    talk = ask(able)
    assert invite(able, talk).code == "inbox.not_answered_yet" == invitation(able, talk)["code"]
    answer(able, talk)
    rated = replace(
        line("", "r1", "b1", account=able.account, at=able.world.clock.now()),
        kind=Kind.RATING, parts=(Rating(5, "很好"),),
    )  # fmt: skip
    able.world.write(lambda tx: apply_fact(tx, able.account, rated))
    assert invite(able, talk).code == "inbox.already_rated" == invitation(able, talk)["code"]
    other = ask(able, "b2")
    answer(able, other)
    able.world.write(lambda tx: close_conversation(tx, SHOP_A, other, "agent", None))
    assert invite(able, other).code == "inbox.conversation_closed" == invitation(able, other)["code"]


def test_an_invitation_that_the_platform_refused_may_be_repeated(able: Desk) -> None:
    talk = ask(able)
    answer(able, talk)
    able.channel.outcome = Rejected("obedient")
    assert invite(able, talk).status == 202
    able.work()
    able.channel.outcome = None
    assert invitation(able, talk)["can_invite"] is True
    assert invite(able, talk).status == 202
    able.work()
    assert invite(able, talk).code == "inbox.already_invited"


def test_a_visitor_of_the_web_widget_gets_the_card_and_the_invitation_and_rates(desk: Desk) -> None:
    desk.rt.ports["channels"]["widget"] = WebWidget(desk.world.clock)
    desk.rt.ports["hub"] = LiveHub(desk.rt)
    new = NewAccount("widget", "官网", {"title": "秒回旗舰店"}, SECRETS, "w-1")
    account_id = desk.world.write(lambda tx: add_channel_account(tx, VAULT, SHOP_A, new))
    desk.account = Account(SHOP_A, account_id, "w-1", "widget", new.config, SECRETS)
    page = Page(desk)
    page.say("我的订单呢")
    talk = int(only(desk.call("GET", "/api/conversations").body["items"])["id"])
    answer(desk, talk)
    assert send(desk, talk, order_id=order(desk, "6920", buyer_of(desk, talk))).status == 202
    assert invite(desk, talk).status == 202
    desk.work()
    shown = [part for one in page.lines() if one["role"] == "agent" for part in one["parts"]]
    assert [part["type"] for part in shown] == ["text", "order_card", "rating_invite"]
    assert shown[1]["order_id"] == "6920" and shown[2]["text"]
    assert page.frame("rating", "r1", score=4, comment="不错") == 204
    assert invitation(desk, talk)["rated_at"] and invitation(desk, talk)["code"] == "inbox.already_rated"
