"""Dispatch: who gets a chat, who waits, and what drains the queue (issue item 8, domain.md §5.1)."""

from __future__ import annotations

from datetime import date

import pytest

from miaohui.buyers.events import BuyersMerged
from miaohui.inbox.actions.conversation import assign_conversation, reopen_conversation
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.routing import actions
from miaohui.routing.events import ConversationPlaced, ConversationQueued
from miaohui.staff import actions as staff
from miaohui.staff.actions import AgentDraft, CapacityChange
from miaohui.staff.model import Skill
from tests.routing.desk import ANNA, BEN, CARA, Desk
from tests.world import SHOP_A, SHOP_B


def test_a_new_buyer_goes_to_the_idle_agent_of_the_entrys_group(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "orders")
    events = desk.world.record(ConversationPlaced)
    first, second = desk.come(1, "商品详情页"), desk.come(2, "订单详情页")
    assert (desk.owner(first), desk.owner(second)) == (ANNA, BEN)
    assert [(e.agent_id, e.trigger, e.waited_s) for e in events] == [
        (ANNA, "opened", None),
        (BEN, "opened", None),
    ]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [("商品详情页", "pre_sale"), ("订单详情页", "orders"), ("消息私信", "pre_sale"), ("直播", "live"),
     ("其他", "pre_sale"), ("live", "live"), ("什么都不是", "pre_sale")],
)  # fmt: skip
def test_each_of_the_five_entries_leads_to_its_group(desk: Desk, entry: str, kind: str) -> None:
    for user_id, own in ((1, "pre_sale"), (2, "orders"), (3, "after_sale"), (4, "live")):
        desk.seat(user_id, own)
    expected = {"pre_sale": 1, "orders": 2, "after_sale": 3, "live": 4}[kind]
    assert desk.owner(desk.come(1, entry)) == expected  # domain.md §5.1: 分入口分配


def test_one_rule_for_all_entries_sends_everybody_to_the_default_group(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "live")
    desk.rules(by_entry=False, default_group="live")
    assert desk.owner(desk.come(1, "商品详情页")) == BEN  # domain.md §5.1: 统一分配


def test_chats_spread_to_whoever_is_more_idle(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=10)
    desk.seat(BEN, "pre_sale", capacity=10)
    for buyer in range(6):
        desk.come(buyer)
        desk.world.clock.advance(1)
    assert desk.loads() == {ANNA: 3, BEN: 3}


def test_the_agent_who_served_the_buyer_before_comes_first_even_when_busier(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale")
    first = desk.come(1)
    assert desk.owner(first) == ANNA
    desk.answer(first, ANNA)
    desk.close(first)
    desk.world.clock.advance(3600)  # past the window in which the inbox takes the old conversation up
    for buyer in (2, 3, 4):
        other = desk.come(buyer)
        if desk.owner(other) == BEN:
            desk.close(other)
    again = desk.come(1)
    assert desk.owner(again) == ANNA  # 最近接待过 > 较空闲
    assert "最近接待过该买家 +1000" in desk.why(again).explanation_zh


def test_in_turn_mode_ignores_who_served_before_and_goes_round(desk: Desk) -> None:
    for user_id in (ANNA, BEN, CARA):
        desk.seat(user_id, "pre_sale")
    desk.rules(mode="even")
    owners = []
    for buyer in range(6):
        owners.append(desk.owner(desk.come(buyer)))
        desk.world.clock.advance(1)
    assert owners == [ANNA, BEN, CARA] * 2  # 平均分配


def test_stickiness_ends_with_its_window(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale")
    desk.rules(sticky_window_s=3600)
    first = desk.come(1)
    desk.answer(first, ANNA)
    desk.close(first)
    desk.world.clock.advance(3601)
    desk.be(ANNA, "online")
    assert desk.owner(desk.come(2)) == BEN
    assert "最近接待过" not in desk.why(desk.come(1)).explanation_zh


def test_a_reopened_conversation_goes_back_to_its_agent(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale")
    chat = desk.come(1)
    desk.answer(chat, ANNA)
    desk.close(chat)
    desk.come(2)
    desk.come(3)
    desk.world.clock.advance(30)
    assert desk.come(1) == chat  # the inbox takes it up again within ten minutes
    assert desk.owner(chat) == ANNA
    assert desk.why(chat).trigger == "reopened"


def test_whoever_reopens_a_conversation_has_it(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale")
    chat = desk.come(1)
    desk.close(chat)
    desk.do(BEN, lambda tx: reopen_conversation(tx, SHOP_A, chat, "跟进", BEN))
    assert desk.owner(chat) == BEN
    assert desk.loads() == {BEN: 1}


def test_nobody_gets_more_than_their_capacity_and_the_rest_queues_in_order(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=2)
    events = desk.world.record(ConversationQueued)
    chats = []
    for buyer in range(5):
        chats.append(desk.come(buyer))
        desk.world.clock.advance(1)
    assert desk.loads() == {ANNA: 2}
    assert desk.waiting() == chats[2:]
    assert [(e.conversation_id, e.state) for e in events] == [(chat, "queued") for chat in chats[2:]]
    assert "接待数已满" in desk.why(chats[4]).people_zh[0]


def test_the_first_in_the_queue_gets_the_place_the_moment_it_is_free(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    first = desk.come(1)
    desk.world.clock.advance(5)
    second, third = desk.come(2), desk.come(3)
    desk.world.clock.advance(7)
    placed = desk.world.record(ConversationPlaced)
    desk.close(first)
    assert desk.owner(second) == ANNA and desk.waiting() == [third]
    assert (placed[-1].trigger, placed[-1].waited_s) == ("drained", 7.0)


def test_a_closed_conversation_leaves_the_queue(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    chats = [desk.come(buyer) for buyer in range(3)]
    desk.close(chats[1])
    desk.close(chats[0])
    assert desk.owner(chats[2]) == ANNA and desk.waiting() == []


def test_a_larger_capacity_drains_the_queue_at_once(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    chats = [desk.come(buyer) for buyer in range(5)]
    desk.world.write(lambda tx: staff.set_capacity(tx, SHOP_A, ANNA, CapacityChange(4, "大促"), 1))
    assert desk.loads() == {ANNA: 4} and desk.waiting() == chats[4:]


def test_joining_a_group_drains_its_queue_at_once(desk: Desk) -> None:
    desk.seat(ANNA, "orders", capacity=10)
    chat = desk.come(1, "商品详情页")
    assert desk.state(chat) == "queued"
    draft = AgentDraft(ANNA, "安娜", (desk.groups["orders"], desk.groups["pre_sale"]))
    desk.world.write(lambda tx: staff.change_agent(tx, SHOP_A, draft, 1))
    assert desk.owner(chat) == ANNA


@pytest.mark.parametrize(
    ("skill", "said"),
    [
        (None, "没有所需技能"),
        (Skill("platform_rules", 2), "技能等级不够"),
        (Skill("platform_rules", 5, date(2026, 11, 21)), "所需技能已过期"),
    ],
)
def test_skills_are_asked_for_with_level_and_expiry(desk: Desk, skill: Skill | None, said: str) -> None:
    desk.seat(ANNA, "after_sale", "pre_sale")
    desk.rules(entry_skills={"product_page": {"platform_rules": 3}})
    if skill is not None:
        desk.world.write(lambda tx: staff.set_skills(tx, SHOP_A, ANNA, [skill], 0))
    chat = desk.come(1)
    assert desk.state(chat) == "queued"  # spec §1.5: routing reads skills, level and expiry
    assert said in desk.why(chat).people_zh[0] and "平台规则 ≥ 3 级" in desk.why(chat).explanation_zh
    good = [Skill("platform_rules", 3, date(2026, 11, 22))]
    desk.world.write(lambda tx: staff.set_skills(tx, SHOP_A, ANNA, good, 1 if skill else 0))
    assert desk.owner(chat) == ANNA


def test_who_lacks_a_skill_is_served_from_behind_those_who_need_it(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.rules(entry_skills={"private_message": {"platform_rules": 1}}, shrink=False)
    busy = desk.come(0)
    needing = [desk.come(buyer, "消息私信") for buyer in range(1, 40)]
    plain = desk.come(99, "商品详情页")
    desk.close(busy)
    assert desk.owner(plain) == ANNA and desk.waiting() == needing


def test_a_shop_without_groups_serves_everybody_from_one_pool(desk: Desk) -> None:
    world = desk.world
    for kind, group_id in desk.groups.items():
        world.write(lambda tx, g=group_id: staff.archive_group(tx, SHOP_A, g, "不分组", 1))
        assert kind
    draft = AgentDraft(ANNA, "安娜")
    world.write(lambda tx: staff.add_agent(tx, SHOP_A, draft))
    desk.be(ANNA, "online")
    assert desk.owner(desk.come(1)) == ANNA


def test_an_assignment_made_elsewhere_is_followed_and_its_place_refilled(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders", capacity=1)
    first, second = desk.come(1), desk.come(2)
    desk.world.write(
        lambda tx: assign_conversation(tx, SHOP_A, first, BEN, desk.groups["orders"], "人工", 99)
    )
    assert (desk.owner(first), desk.owner(second)) == (BEN, ANNA)
    assert desk.why(first).trigger == "outside"
    assert desk.loads() == {ANNA: 1, BEN: 1}


def test_a_conversation_put_back_elsewhere_is_dispatched_to_somebody_else(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale")
    chat = desk.come(1)
    group_id = desk.groups["pre_sale"]
    desk.world.write(lambda tx: assign_conversation(tx, SHOP_A, chat, None, group_id, "退回", ANNA))
    assert desk.owner(chat) == BEN
    assert "刚刚放下过这个会话" in " ".join(desk.why(chat).people_zh)


def test_chats_that_wait_for_a_group_that_is_closed_down_go_where_their_entry_leads_now(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.come(1)
    chat = desk.come(2, "直播")
    live = desk.groups["live"]
    desk.world.write(lambda tx: staff.archive_group(tx, SHOP_A, live, "停播", 1))
    assert desk.why(chat).group_id == desk.groups["pre_sale"]
    desk.seat(BEN, "pre_sale")
    assert desk.owner(chat) == BEN


def test_chats_of_other_shops_are_not_touched(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.come(1)
    waiting = desk.come(2)
    assert desk.world.write(lambda tx: actions.drain(tx, SHOP_B)) == 0
    assert desk.waiting() == [waiting]


def test_a_merged_buyer_finds_the_agent_who_served_either_of_the_two(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    first = desk.come("old")
    desk.answer(first, ANNA)
    desk.close(first)
    desk.seat(BEN, "pre_sale")
    desk.world.clock.advance(3600)
    desk.be(BEN, "on_break")
    second = desk.come("new")
    kept, merged = (
        desk.world.read(lambda conn, c=c: get_conversation(conn, SHOP_A, c)).buyer_id for c in (second, first)
    )
    desk.be(BEN, "online")
    desk.world.write(lambda tx: actions.on_buyers_merged(tx, BuyersMerged(SHOP_A, kept, merged)))
    desk.close(second)
    desk.world.clock.advance(3600)
    again = desk.come("new")
    assert desk.owner(again) == ANNA and "最近接待过该买家" in desk.why(again).explanation_zh
