"""Presence 在线/小休/离线 as 飞鸽 has it (domain.md §5.1), heartbeats, the state log."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from miaohui.access.model import ROLES
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.http import Caller
from miaohui.kit.runtime import Runtime
from miaohui.routing import actions, queries
from miaohui.routing.actions import PresenceChange, Transfer
from miaohui.routing.events import PresenceChanged
from miaohui.routing.jobs import Heartbeats
from miaohui.routing.model import Presence
from miaohui.staff import actions as staff
from tests.routing.desk import ANNA, BEN, Desk
from tests.world import SHOP_A

GRACE_S = 45


def offline(desk: Desk, user_id: int, *, handover: bool = False) -> object:
    change = PresenceChange(Presence.OFFLINE, handover)
    return lambda tx: actions.set_presence(tx, SHOP_A, user_id, change)


def test_on_a_break_no_new_chats_arrive_and_the_buyer_queues(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    chat = desk.come(1)
    assert desk.state(chat) == "queued"
    assert "小休中" in desk.why(chat).people_zh[0]


def test_one_on_a_break_and_the_rest_full_means_queue_not_message(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    desk.seat(BEN, "orders", capacity=1)
    desk.come(1, "订单详情页")
    assert desk.state(desk.come(2, "订单详情页")) == "queued"  # 分流按店铺全局看
    assert desk.waiting("offline_message") == []


def test_on_a_break_chats_stay_and_transfers_arrive(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale", presence="on_break")
    chat = desk.come(1)
    desk.do(ANNA, lambda tx: actions.transfer(tx, SHOP_A, chat, Transfer(to_user_id=BEN, note="尺码问题")))
    assert desk.owner(chat) == BEN
    desk.be(ANNA, "on_break")
    assert desk.loads() == {BEN: 1}


def test_all_offline_means_a_message_that_waits_for_somebody(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="offline")
    chat = desk.come(1)
    assert desk.state(chat) == "offline_message" and desk.waiting("offline_message") == [chat]
    assert "转为留言" in desk.why(chat).explanation_zh
    desk.be(ANNA, "on_break")
    assert desk.state(chat) == "offline_message"  # a break takes no new chats
    desk.be(ANNA, "online")
    assert desk.owner(chat) == ANNA  # 离线会话自动分配


def test_messages_stay_for_people_where_the_shop_wants_that(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="offline")
    desk.rules(offline_auto_assign=False)
    chat = desk.come(1)
    desk.be(ANNA, "online")
    assert desk.state(chat) == "offline_message"
    desk.do(ANNA, lambda tx: actions.claim(tx, SHOP_A, chat, ANNA))  # 手动分配
    assert desk.owner(chat) == ANNA


def test_a_buyer_who_left_a_message_and_writes_again_is_routed(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="offline")
    desk.rules(offline_auto_assign=False)
    chat = desk.come(1)
    desk.be(ANNA, "online")
    desk.come(1, text="还在吗")
    assert desk.state(chat) == "offline_message"  # still waiting for an answer to the first line
    desk.answer(chat, None)
    desk.come(1, text="还在吗")
    assert desk.owner(chat) == ANNA


def test_the_last_one_to_leave_turns_the_queue_into_messages(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    first, second = desk.come(1), desk.come(2)
    desk.close(first)
    desk.close(second)
    desk.be(ANNA, "on_break")
    waiting = desk.come(3)
    assert desk.state(waiting) == "queued"
    desk.be(ANNA, "offline")
    assert desk.state(waiting) == "offline_message"


def test_offline_is_refused_while_chats_are_in_progress(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    refusal = desk.refused(offline(desk, ANNA), ANNA)
    assert refusal.code == "routing.in_progress"
    assert refusal.detail == {"conversation_count": 1, "conversation_ids": [chat]}
    assert desk.owner(chat) == ANNA


def test_offline_with_a_handover_passes_the_chats_on(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chats = [desk.come(1), desk.come(2)]
    desk.seat(BEN, "pre_sale", capacity=1)
    desk.be(ANNA, "offline", handover=True)
    assert desk.owner(chats[0]) == BEN and desk.state(chats[1]) == "queued"
    assert [desk.why(chat).trigger for chat in chats] == ["handover", "handover"]
    assert desk.loads() == {BEN: 1}


def test_coming_online_drains_the_queue_up_to_the_capacity(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break", capacity=5)
    chats = [desk.come(buyer) for buyer in range(8)]
    desk.be(ANNA, "online")
    assert desk.loads() == {ANNA: 5} and desk.waiting() == chats[5:]


def test_choosing_the_same_presence_again_changes_nothing(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    events = desk.world.record(PresenceChanged)
    desk.be(ANNA, "online")
    assert events == []


def test_only_agents_of_the_shop_can_be_present(desk: Desk) -> None:
    change = PresenceChange(Presence.ONLINE)
    assert desk.refused(lambda tx: actions.set_presence(tx, SHOP_A, 99, change)).code == (
        "routing.not_an_agent"
    )
    desk.seat(ANNA, "pre_sale")
    desk.world.write(lambda tx: staff.depart_agent(tx, SHOP_A, ANNA, "离职"))
    assert desk.refused(lambda tx: actions.set_presence(tx, SHOP_A, ANNA, change)).code == (
        "routing.not_an_agent"
    )


def test_whoever_leaves_the_team_hands_everything_over(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    desk.seat(BEN, "pre_sale")
    desk.world.write(lambda tx: staff.depart_agent(tx, SHOP_A, ANNA, "离职"))
    assert desk.owner(chat) == BEN and desk.loads() == {BEN: 1}


# ---- heartbeats


def test_a_lost_page_gives_unanswered_chats_to_others_and_keeps_answered_ones(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    answered, unanswered = desk.come(1), desk.come(2)
    desk.answer(answered, ANNA)
    desk.seat(BEN, "pre_sale")
    desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
    events = desk.world.record(PresenceChanged)
    desk.wait(GRACE_S - 1)
    assert desk.owner(unanswered) == ANNA
    desk.wait(1)
    assert (desk.owner(answered), desk.owner(unanswered)) == (ANNA, BEN)
    assert [(e.user_id, e.state) for e in events] == [(ANNA, "unreachable")]
    assert desk.why(unanswered).trigger == "unreachable"
    new = desk.come(3)
    assert desk.owner(new) == BEN and "页面失联" in " ".join(desk.why(new).people_zh)


def test_a_buyer_who_writes_to_a_lost_agent_is_given_to_somebody_else(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    desk.answer(chat, ANNA)
    desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
    desk.wait(GRACE_S)
    desk.seat(BEN, "pre_sale")
    desk.come(1, text="人呢")
    assert desk.owner(chat) == BEN


def test_a_page_that_comes_back_is_online_again_and_gets_what_waits(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
    desk.wait(GRACE_S)
    chat = desk.come(1)
    assert desk.state(chat) == "queued"  # she may be back in a moment: not a message
    assert desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA)) is True
    assert desk.owner(chat) == ANNA
    assert desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA)) is False


def test_heartbeats_keep_a_page_alive(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    for _ in range(10):
        desk.wait(30)
        desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
    assert desk.owner(desk.come(1)) == ANNA


def test_who_stays_lost_is_set_offline_and_hands_over(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    desk.answer(chat, ANNA)
    desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
    desk.wait(GRACE_S)
    assert desk.owner(chat) == ANNA
    desk.wait(900)
    standing = desk.world.read(lambda conn: queries.find_standing(conn, SHOP_A, ANNA))
    assert standing is not None and standing.presence is Presence.OFFLINE
    assert desk.state(chat) == "offline_message"


def test_a_heartbeat_of_somebody_offline_does_not_bring_them_online(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", presence="offline")
    assert desk.world.write(lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA)) is False
    assert desk.state(desk.come(1)) == "offline_message"


def test_the_live_sockets_port_writes_at_most_once_in_five_seconds(desk: Desk) -> None:
    world = desk.world
    desk.seat(ANNA, "pre_sale")
    rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
    rt.lane.start()
    beats = Heartbeats(rt)
    agent = Caller(ANNA, SHOP_A, "agent", "安娜", ROLES["agent"], frozenset())
    viewer = Caller(ANNA, SHOP_A, "viewer", "安娜", ROLES["viewer"], frozenset())

    async def play() -> int:
        await beats(viewer)
        before = rt.lane.unit_count
        for _ in range(5):
            await beats(agent)
        world.clock.advance(5)
        await beats(agent)
        return rt.lane.unit_count - before

    assert asyncio.run(play()) == 2
    rt.lane.stop()
    alive = world.read(lambda conn: queries.find_alive_until(conn, SHOP_A, ANNA))
    assert alive == world.clock.now() + timedelta(seconds=GRACE_S)


# ---- the log


def test_the_state_log_adds_up_to_the_seconds_of_the_shift(desk: Desk) -> None:
    start = desk.world.clock.now()
    desk.seat(ANNA, "pre_sale")
    desk.world.clock.advance(3600)
    desk.be(ANNA, "on_break")
    desk.world.clock.advance(600)
    desk.be(ANNA, "online")
    desk.world.clock.advance(1800)
    desk.be(ANNA, "offline")
    desk.world.clock.advance(60)
    now = desk.world.clock.now()
    spans = desk.world.read(lambda conn: queries.list_state_spans(conn, SHOP_A, ANNA, start, now))
    assert [(s.state, s.reason) for s in spans] == [
        ("online", "login"), ("on_break", "manual"), ("online", "manual"), ("offline", "logout"),
    ]  # fmt: skip
    found = desk.world.read(lambda conn: queries.state_seconds(conn, SHOP_A, start, now, now))
    assert found[ANNA] == {"online": 5400.0, "on_break": 600.0, "offline": 60.0, "unreachable": 0.0}
    half = start + timedelta(seconds=1800)
    found = desk.world.read(lambda conn: queries.state_seconds(conn, SHOP_A, half, now, now))
    assert found[ANNA]["online"] == 3600.0
