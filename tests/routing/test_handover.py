"""A buyer who asks for a person goes ahead, once, and everybody sees why (spec §3.3)."""

from __future__ import annotations

from typing import Any

from miaohui.inbox.queries.conversations import get_conversation
from miaohui.kit import feed
from miaohui.shop.actions import Edit, create_shop, set_policy
from tests.routing.desk import ANNA, Desk
from tests.world import SHOP_A


def _priority(desk: Desk, conversation_id: int) -> int:
    return int(desk.world.read(lambda conn: get_conversation(conn, SHOP_A, conversation_id)).priority)


def _reasons(desk: Desk) -> list[Any]:
    events = desk.world.read(lambda conn: feed.read(conn, 0))
    return [event.data for event in events if event.name == "inbox.priority_changed"]


def test_who_says_the_word_goes_ahead_in_the_queue_and_stands_out(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.come(0)
    early = desk.come(1)
    desk.world.clock.advance(60)
    asks = desk.come(2)
    assert desk.waiting() == [early, asks]
    desk.come(2, text="转人工！")
    assert desk.waiting() == [asks, early]
    assert (_priority(desk, asks), _priority(desk, early)) == (1, 0)
    desk.come(2, text="人工人工人工")
    told = _reasons(desk)
    assert len(told) == 1 and "handover_word:转人工" in str(told[0])


def test_the_first_message_may_be_the_word(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.come(0)
    early = desk.come(1)
    desk.world.clock.advance(60)
    asks = desk.come(2, text="找真人")
    assert desk.waiting() == [asks, early]


def test_the_shops_own_library_is_heard_from_the_moment_it_holds(desk: Desk) -> None:
    desk.world.write(lambda tx: create_shop(tx, "甲店", shop_id=SHOP_A))
    desk.seat(ANNA, "pre_sale")
    first = desk.come(1, text="退一赔三")
    assert _priority(desk, first) == 0
    words = {"words": ["人工", "退一赔三"]}
    desk.world.write(lambda tx: set_policy(tx, SHOP_A, "handover_words", words, Edit("差评", None, 0)))
    again = desk.come(2, text="我要退一赔三")
    assert _priority(desk, again) == 1
