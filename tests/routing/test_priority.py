"""Priorities as head starts, and the capacity that shrinks with the load (domain.md §5.3)."""

from __future__ import annotations

from miaohui.inbox.actions.labels import create_label, put_label, take_label
from miaohui.routing import actions, queries
from miaohui.routing.actions import Transfer
from miaohui.sla.events import ClockWarned
from tests.routing.desk import ANNA, Desk
from tests.world import SHOP_A


def test_capacity_shrinks_with_unanswered_chats_and_grows_with_answers(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=10)
    chats = [desk.come(buyer) for buyer in range(12)]
    # From the third unanswered chat on each takes a place away, down to 8 (domain.md §5.3).
    assert desk.loads() == {ANNA: 8} and len(desk.waiting()) == 4
    for chat in chats[:8]:
        desk.answer(chat, ANNA)
    # The eight answered ones cost nothing now; two of the queue came in, unanswered, and fill it up to 10.
    assert desk.loads() == {ANNA: 10} and desk.waiting() == chats[10:]


def test_without_shrinking_the_capacity_is_what_it_says(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=10)
    desk.rules(shrink=False)
    for buyer in range(12):
        desk.come(buyer)
    assert desk.loads() == {ANNA: 10}


def test_priorities_are_head_starts_so_nobody_starves(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", "live", capacity=1)
    desk.rules(boosts_s={"live": 60, "vip": 120, "breach": 600})
    busy = desk.come(0)
    early = desk.come(1)
    desk.world.clock.advance(30)
    live = desk.come(2, "直播")
    assert desk.waiting() == [live, early]  # a live chat stands as if it had come 60 s earlier
    desk.world.clock.advance(31)
    late_live = desk.come(3, "直播")
    assert desk.waiting() == [live, early, late_live]
    assert desk.world.write(lambda tx: actions.reprioritise(tx, SHOP_A, late_live, "vip")) is True
    assert desk.world.write(lambda tx: actions.reprioritise(tx, SHOP_A, late_live, "vip")) is False
    assert desk.waiting() == [late_live, live, early]
    desk.close(busy)
    assert desk.owner(late_live) == ANNA


def test_a_buyer_who_carries_the_vip_label_stands_ahead(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    label = desk.world.write(lambda tx: create_label(tx, SHOP_A, "VIP", "red"))
    before = desk.come("vip")
    desk.world.write(lambda tx: put_label(tx, SHOP_A, before, label))
    desk.close(before)
    desk.rules(label_boosts={str(label): "vip"})
    desk.world.clock.advance(3600)
    desk.be(ANNA, "on_break")
    early = desk.come(1)
    desk.world.clock.advance(100)
    vip = desk.come("vip")
    assert desk.waiting() == [vip, early]  # a head start of 120 s


def test_a_label_put_on_a_waiting_chat_moves_it_at_once_and_taken_off_moves_it_back(desk: Desk) -> None:
    """House §4 step 8: what is known of a conversation reprioritises it while it waits."""
    desk.seat(ANNA, "pre_sale", presence="on_break")
    label, other = (
        desk.world.write(lambda tx, n=n: create_label(tx, SHOP_A, n, "#ff0000")) for n in ("VIP", "大客户")
    )
    angry = desk.world.write(lambda tx: create_label(tx, SHOP_A, "投诉风险", "#ff0000"))
    desk.rules(label_boosts={str(label): "vip", str(other): "vip", str(angry): "complaint"})
    early = desk.come(1)
    desk.world.clock.advance(100)
    late = desk.come(2)
    put = lambda which: desk.world.write(lambda tx: put_label(tx, SHOP_A, late, which))
    take = lambda which: desk.world.write(lambda tx: take_label(tx, SHOP_A, late, which))
    assert desk.waiting() == [early, late]
    put(label)
    assert desk.waiting() == [late, early]
    put(label), put(other), take(label)
    assert desk.waiting() == [late, early]  # the other label is reason enough, and twice is once
    take(other)
    assert desk.waiting() == [early, late]
    put(angry)
    assert desk.waiting() == [late, early]
    found = desk.world.read(lambda conn: queries.find_chat(conn, SHOP_A, late))
    assert found is not None and found.boosts == {"complaint": 300}


def test_a_label_without_a_rule_and_one_on_a_closed_chat_move_nobody(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    label = desk.world.write(lambda tx: create_label(tx, SHOP_A, "随便", "#ff0000"))
    gone, waits = desk.come(1), desk.come(2)
    desk.close(gone)
    for talk in (gone, waits):
        desk.world.write(lambda tx, t=talk: put_label(tx, SHOP_A, t, label))
    desk.rules(label_boosts={str(label): "vip"})
    desk.world.write(lambda tx: take_label(tx, SHOP_A, gone, label))
    assert desk.waiting() == [waits]


def test_a_clock_that_is_about_to_run_out_moves_its_chat_forward_once(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    first = desk.come(1)
    desk.world.clock.advance(300)
    urgent = desk.come(2)
    now = desk.world.clock.now()
    warned = ClockWarned(SHOP_A, 1, urgent, None, None, now, now)
    for _ in range(2):
        desk.world.write(lambda tx: actions.on_clock_warned(tx, warned))
    assert desk.waiting() == [urgent, first]
    found = desk.world.read(lambda conn: queries.find_chat(conn, SHOP_A, urgent))
    assert found is not None and found.boosts == {"breach": 600}
    gone = ClockWarned(SHOP_A, 1, 5, None, None, now, now)
    desk.world.write(lambda tx: actions.on_clock_warned(tx, gone))  # closed meanwhile: nothing to do


def test_a_chat_keeps_the_boost_it_got_while_somebody_had_it(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    assert desk.world.write(lambda tx: actions.reprioritise(tx, SHOP_A, chat, "complaint")) is False
    desk.world.clock.advance(10)
    desk.be(ANNA, "on_break")
    other = desk.come(2)
    change = Transfer(to_group_id=desk.groups["pre_sale"])
    desk.do(ANNA, lambda tx: actions.transfer(tx, SHOP_A, chat, change))
    assert desk.waiting() == [chat, other]
