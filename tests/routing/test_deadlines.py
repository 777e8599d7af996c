"""What time does: overflow, re-transfer of unanswered chats, exclusions, the rest of a long queue."""

from __future__ import annotations

from sqlalchemy import update

from miaohui.inbox.store.conversations import conversations
from miaohui.routing import actions, jobs, queries
from miaohui.routing.actions import Transfer
from miaohui.routing.events import RetransferExhausted
from tests.routing.desk import ANNA, BEN, CARA, Desk
from tests.world import SHOP_A


def keep_alive(desk: Desk, seconds: float, *people: int) -> None:
    """Let time pass while these people's pages beat."""
    left = seconds
    while left > 0:
        desk.wait(min(30, left))
        left -= 30
        for user_id in people:
            desk.world.write(lambda tx, u=user_id: actions.note_heartbeat(tx, SHOP_A, u))


def test_a_chat_that_waits_too_long_overflows_to_the_next_group(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders")
    desk.seat(CARA, "after_sale")
    desk.come(1)
    chat = desk.come(2)
    desk.wait(59)
    assert desk.state(chat) == "queued"
    desk.wait(1)
    assert desk.owner(chat) == BEN  # 售前 overflows to 售中 first
    why = desk.why(chat)
    assert why.trigger == "overflow" and "溢出" in why.explanation_zh
    assert "本组" not in why.explanation_zh


def test_overflow_goes_on_group_by_group_and_ends(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders", capacity=1)
    desk.answer(desk.come(1), ANNA)
    desk.answer(desk.come(2, "订单详情页"), BEN)
    chat = desk.come(3)
    desk.wait(60)
    assert desk.state(chat) == "queued"
    desk.wait(60)
    desk.seat(CARA, "after_sale")
    assert desk.owner(chat) == CARA
    desk.answer(chat, CARA)
    another = desk.come(4)
    keep_alive(desk, 300, ANNA, BEN, CARA)
    found = desk.world.read(lambda conn: queries.find_chat(conn, SHOP_A, another))
    assert found is not None and (found.agent_id, found.overflow_at) == (CARA, None)


def test_an_overflowed_chat_goes_to_whichever_group_frees_up_first_and_only_once(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders", capacity=1)
    mine, theirs = desk.come(1), desk.come(2, "订单详情页")
    chat = desk.come(3)
    desk.wait(60)
    desk.close(theirs)
    assert desk.owner(chat) == BEN
    desk.close(mine)
    assert desk.loads() == {BEN: 1} and desk.waiting() == []


def test_an_unanswered_chat_goes_to_somebody_else_after_three_minutes(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    desk.seat(BEN, "pre_sale")
    keep_alive(desk, 179, ANNA, BEN)
    assert desk.owner(chat) == ANNA
    desk.wait(1)
    assert desk.owner(chat) == BEN  # >3min自动转备岗 (domain.md §7 row 1)
    assert desk.why(chat).trigger == "retransfer"


def test_an_answered_chat_stays(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale")
    chat = desk.come(1)
    desk.answer(chat, None, by_robot=True)  # a robot's line is no answer (domain.md §2.6)
    desk.world.clock.advance(10)
    desk.answer(chat, ANNA)
    desk.come(1, text="再问一句")
    keep_alive(desk, 600, ANNA, BEN)
    assert desk.owner(chat) == ANNA


def test_an_unanswered_chat_stays_while_nobody_else_has_room(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    keep_alive(desk, 200, ANNA)
    assert desk.owner(chat) == ANNA and desk.why(chat).outcome == "kept"
    desk.seat(BEN, "pre_sale")
    keep_alive(desk, 200, ANNA, BEN)
    assert desk.owner(chat) == BEN


def test_passing_on_ends_after_two_moves_and_calls_a_supervisor(desk: Desk) -> None:
    people = (ANNA, BEN, CARA, 14, 15)
    for user_id in people:
        desk.seat(user_id, "pre_sale")
    events = desk.world.record(RetransferExhausted)
    chat = desk.come(1)
    seen = []
    for _ in range(6):
        seen.append(desk.owner(chat))
        keep_alive(desk, 180, *people)
    assert seen == [ANNA, BEN, CARA, CARA, CARA, CARA]  # no ping-pong
    assert [(e.conversation_id, e.agent_id, e.moves) for e in events] == [(chat, CARA, 2)]


def test_who_put_a_chat_down_may_have_it_again_after_a_while(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    to_group = Transfer(to_group_id=desk.groups["pre_sale"])
    desk.do(ANNA, lambda tx: actions.transfer(tx, SHOP_A, chat, to_group))
    assert desk.state(chat) == "queued"
    keep_alive(desk, 570, ANNA)
    assert desk.state(chat) == "queued"
    keep_alive(desk, 30, ANNA)
    assert desk.owner(chat) == ANNA


def test_a_long_queue_is_drained_to_the_end_beyond_one_transaction(desk: Desk) -> None:
    for user_id in range(100, 103):
        desk.seat(user_id, "pre_sale", capacity=50, presence="offline")
    desk.rules(shrink=False, offline_auto_assign=False)
    chats = [desk.come(buyer) for buyer in range(130)]
    for user_id in range(100, 103):
        desk.be(user_id, "online")
    assert desk.waiting("offline_message") == chats
    desk.rules(offline_auto_assign=True)
    assert desk.waiting() == chats[100:]  # one transaction gives a hundred, the pump goes on
    assert desk.world.write(jobs.PUMPS[0].step) == 30
    assert desk.waiting() == [] and sum(desk.loads().values()) == 130
    assert desk.world.write(jobs.PUMPS[0].step) == 0


def test_a_chat_that_the_inbox_does_not_know_stops_nobody_behind_it(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    first = desk.come(1)
    broken, behind = desk.come(2), desk.come(3)
    table = conversations
    desk.world.write(lambda tx: tx.execute(update(table).where(table.c.id == broken).values(status="closed")))
    desk.close(first)
    assert desk.owner(behind) == ANNA and desk.waiting() == []
    assert desk.loads() == {ANNA: 1}
