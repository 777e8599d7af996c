"""By hand: claim, transfer, take over, bulk reassignment (issue item 8, reliability.md F14)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from miaohui.kit.doorbell import Doorbell
from miaohui.kit.errors import Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor
from miaohui.routing import actions
from miaohui.routing.actions import Reassignment, Transfer
from tests.routing.desk import ANNA, BEN, CARA, Desk
from tests.world import SHOP_A, SHOP_B


def test_fifty_agents_claim_one_chat_and_exactly_one_owns_it(desk: Desk) -> None:
    world = desk.world
    people = list(range(100, 150))
    for user_id in people:
        desk.seat(user_id, "orders")
    chat = desk.come(1, "商品详情页")
    assert desk.state(chat) == "queued"
    rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
    rt.lane.start()

    async def race() -> list[object]:
        tries = [
            rt.write(Actor("user", u), lambda tx, u=u: actions.claim(tx, SHOP_A, chat, u)) for u in people
        ]
        return await asyncio.gather(*tries, return_exceptions=True)

    results = asyncio.run(race())
    rt.lane.stop()
    lost = [r for r in results if isinstance(r, Refusal)]
    assert len(lost) == 49 and {r.code for r in lost} == {"routing.already_owned"}  # F14
    winner = desk.owner(chat)
    assert {r.detail["agent_id"] for r in lost} == {winner}
    assert desk.loads() == {winner: 1}


def test_claiming_what_one_has_changes_nothing(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    assert desk.do(ANNA, lambda tx: actions.claim(tx, SHOP_A, chat, ANNA)) is None


def test_who_is_offline_or_full_cannot_claim(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders", presence="offline")
    desk.come(1)
    chat = desk.come(2)
    assert desk.refused(lambda tx: actions.claim(tx, SHOP_A, chat, BEN)).code == "routing.claim_offline"
    assert desk.refused(lambda tx: actions.claim(tx, SHOP_A, chat, 999)).code == "routing.claim_offline"
    full = desk.refused(lambda tx: actions.claim(tx, SHOP_A, chat, ANNA))
    assert (full.code, full.detail) == ("routing.full", {"load": 1, "max_concurrency": 1})


def test_a_chat_of_another_shop_cannot_be_claimed(desk: Desk) -> None:
    chat = desk.come(1)
    assert desk.refused(lambda tx: actions.claim(tx, SHOP_B, chat, ANNA)).code == "routing.not_routed"


def test_a_transfer_carries_its_note_and_frees_a_place(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders")
    first, second = desk.come(1), desk.come(2)
    wanted = Transfer(to_user_id=BEN, note="已承诺今天发货")
    desk.do(ANNA, lambda tx: actions.transfer(tx, SHOP_A, first, wanted))
    assert (desk.owner(first), desk.owner(second)) == (BEN, ANNA)
    why = desk.why(first)
    assert (why.note, why.previous_agent_id, why.by_user_id) == ("已承诺今天发货", ANNA, ANNA)
    assert "人工转接" in why.explanation_zh


@pytest.mark.parametrize("presence", ["offline", "lost"])
def test_a_transfer_to_somebody_away_is_refused(desk: Desk, presence: str) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    desk.seat(BEN, "pre_sale", presence="offline" if presence == "offline" else "online")
    if presence == "lost":
        desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, BEN))
        desk.wait(45)
        desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
    refusal = desk.refused(lambda tx: actions.transfer(tx, SHOP_A, chat, Transfer(BEN)), ANNA)
    assert refusal.code == "routing.target_offline"
    assert desk.owner(chat) == ANNA


def test_a_transfer_needs_exactly_one_target_ones_own_chat_and_the_version_seen(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "orders")
    chat = desk.come(1)

    def code(user_id: int, wanted: Transfer) -> str:
        return desk.refused(lambda tx: actions.transfer(tx, SHOP_A, chat, wanted), user_id).code

    assert code(ANNA, Transfer()) == "routing.target_missing"
    assert code(ANNA, Transfer(BEN, desk.groups["orders"])) == "routing.target_missing"
    assert code(ANNA, Transfer(777)) == "routing.target_missing"
    assert code(ANNA, Transfer(ANNA)) == "routing.same_owner"
    assert code(ANNA, Transfer(BEN, version=1)) == "kit.stale"
    assert code(ANNA, Transfer(to_group_id=5)) == "staff.group_missing"
    assert code(BEN, Transfer(BEN)) == "routing.not_yours"
    desk.do(CARA, lambda tx: actions.transfer(tx, SHOP_A, chat, Transfer(BEN), is_supervisor=True))
    assert desk.owner(chat) == BEN


def test_a_transfer_to_a_group_is_dispatched_there_and_not_back(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", "after_sale")
    chat = desk.come(1)
    after_sale = Transfer(to_group_id=desk.groups["after_sale"], note="退款")
    desk.do(ANNA, lambda tx: actions.transfer(tx, SHOP_A, chat, after_sale))
    assert desk.state(chat) == "queued"
    desk.seat(BEN, "after_sale")
    assert desk.owner(chat) == BEN


def test_a_supervisor_takes_over_whoever_has_it(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    chat, waiting = desk.come(1), desk.come(2)
    desk.do(99, lambda tx: actions.take_over(tx, SHOP_A, chat, 99, "投诉升级"))
    assert (desk.owner(chat), desk.owner(waiting)) == (99, ANNA)
    assert desk.loads() == {99: 1, ANNA: 1}
    assert desk.do(99, lambda tx: actions.take_over(tx, SHOP_A, chat, 99)) is None


def test_a_shift_end_passes_chats_on_item_by_item(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chats = [desk.come(buyer) for buyer in range(4)]
    desk.seat(BEN, "pre_sale", capacity=3)
    desk.seat(CARA, "pre_sale", capacity=2, presence="on_break")
    other = desk.come(50)
    wanted = Reassignment(ANNA, (*chats[:3], other), (BEN, CARA), reason="下班")
    results = desk.do(99, lambda tx: actions.reassign(tx, SHOP_A, wanted))
    assert [(r.conversation_id, r.ok, r.code) for r in results] == [
        (chats[0], True, ""), (chats[1], True, ""), (chats[2], True, ""), (other, False, "routing.not_routed"),
    ]  # fmt: skip
    assert desk.loads() == {ANNA: 1, BEN: 3, CARA: 1}  # whoever has the most room, on a break too


def test_a_shift_end_without_targets_dispatches_again_and_keeps_what_fails(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chats = [desk.come(buyer) for buyer in range(3)]
    desk.seat(BEN, "pre_sale", capacity=2)
    results = desk.do(99, lambda tx: actions.reassign(tx, SHOP_A, Reassignment(ANNA)))
    assert [r.agent_id for r in results] == [BEN, BEN, None]
    assert desk.waiting() == [chats[2]] and desk.loads() == {BEN: 2}
    offline = desk.do(99, lambda tx: actions.reassign(tx, SHOP_A, Reassignment(BEN, to_user_ids=(777,))))
    assert {r.code for r in offline} == {"routing.target_offline"}
    assert desk.loads() == {BEN: 2}


def test_a_supervisor_gives_a_message_to_somebody_on_a_break(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="offline")
    chat = desk.come(1)
    desk.seat(BEN, "orders", presence="on_break")
    assert desk.state(chat) == "offline_message"
    wanted = Transfer(to_user_id=BEN, note="昨晚的留言")
    desk.do(99, lambda tx: actions.transfer(tx, SHOP_A, chat, wanted, is_supervisor=True))
    assert desk.owner(chat) == BEN and desk.waiting("offline_message") == []
