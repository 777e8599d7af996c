"""Reply clocks over the life of a conversation (spec §2.3, domain.md §2.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from miaohui.kit import feed
from miaohui.shop import actions as shop_actions
from miaohui.shop.model import POLICIES, SHANGHAI, local_date
from miaohui.sla import queries
from miaohui.sla.events import ClockBreached, ClockStarted, ClockStopped, ClockWarned
from miaohui.sla.model import RoundDefinition
from tests.sla.office import ALICE, BOB, Office
from tests.world import SHOP_A, World

CHAT = 900


@pytest.fixture
def office(world: World) -> Office:
    return Office(world).open_shops()


def clock_of(office: Office, conversation_id: int = CHAT, shop_id: int = SHOP_A):
    return office.world.read(lambda conn: queries.find_open_clock(conn, shop_id, conversation_id))


def today(office: Office, agent_id: int = 0, shop_id: int = SHOP_A) -> dict:
    on = local_date(office.world.clock.now())
    return office.world.read(lambda conn: queries.day_figures(conn, shop_id, on, agent_id, RoundDefinition()))


def feed_names(office: Office, topic: str) -> list[str]:
    events = office.world.read(lambda conn: feed.read(conn, 0))
    return [event.name for event in events if topic in event.topics and event.name.startswith("sla.")]


def test_a_message_at_eight_in_the_evening_starts_a_clock_of_20_seconds(office: Office) -> None:
    """spec §2.3."""
    office.enter(CHAT)
    office.buyer_writes(CHAT)
    clock = clock_of(office)
    now = office.world.clock.now()
    assert now.astimezone(SHANGHAI).hour == 20
    assert clock.due_at - now == timedelta(seconds=20)
    assert (clock.target_s, clock.reason_zh, clock.source) == (20, "晚间 ≤20 秒", "period")
    assert office.of(ClockStarted)[0].due_at == clock.due_at


def test_further_messages_join_the_clock_and_move_nothing(office: Office) -> None:
    """domain.md §2.6: the anchor is the first buyer message."""
    office.buyer_writes(CHAT)
    first = clock_of(office)
    office.pass_time(5)
    office.buyer_writes(CHAT)
    office.buyer_writes(CHAT)
    assert clock_of(office).due_at == first.due_at
    assert len(office.of(ClockStarted)) == 1


def test_a_human_answer_stops_the_clock_and_a_robots_does_not(office: Office) -> None:
    """domain.md §2.6: robots and automatic greetings are no human answer."""
    office.buyer_writes(CHAT)
    office.pass_time(3)
    office.agent_answers(CHAT, None, by_robot=True)
    assert clock_of(office) is not None
    office.pass_time(4)
    office.agent_answers(CHAT)
    assert clock_of(office) is None
    stopped = office.of(ClockStopped)
    assert [(e.how, e.agent_id, e.response_ms) for e in stopped] == [("answered", ALICE, 7000)]
    office.pass_time(600)
    assert office.of(ClockWarned) == office.of(ClockBreached) == []


def test_a_second_answer_changes_nothing(office: Office) -> None:
    office.buyer_writes(CHAT)
    office.agent_answers(CHAT)
    office.agent_answers(CHAT)
    assert len(office.of(ClockStopped)) == 1
    assert today(office)["round_count"] == 1


def test_a_clock_warns_pops_up_and_breaches_once_each_at_its_deadlines(office: Office) -> None:
    """domain.md §2.3: the pop-up at 100 s goes to the agent."""
    office.enter(CHAT)
    office.assign(CHAT, ALICE)
    office.buyer_writes(CHAT)
    start = office.world.clock.now()
    office.pass_time(3600)
    (warned,), (breached,) = office.of(ClockWarned), office.of(ClockBreached)
    assert (warned.at - start, breached.at - start) == (timedelta(seconds=12), timedelta(seconds=20))
    assert (warned.agent_id, breached.agent_id, breached.target_s) == (ALICE, ALICE, 20)
    assert feed_names(office, f"agent:{ALICE}") == [
        "sla.clock_warned",
        "sla.clock_breached",
        "sla.slow_reply",
    ]
    clock = clock_of(office)
    assert clock.popped_at - start == timedelta(seconds=100)
    assert clock.next_at is None


def test_pop_ups_of_one_agent_are_merged_on_the_longest_wait(office: Office) -> None:
    """domain.md §2.3."""
    for chat in (1, 2, 3):
        office.enter(chat)
        office.assign(chat, ALICE if chat < 3 else BOB)
        office.buyer_writes(chat)
        office.pass_time(1 if chat == 2 else 0.5)
    office.world.clock.advance(200)
    office.run_timers()
    events = office.world.read(lambda conn: feed.read(conn, 0))
    pops = [e for e in events if e.name == "sla.slow_reply"]
    assert len(pops) == 2
    alices = next(e for e in pops if f"agent:{ALICE}" in e.topics)
    assert '"count":2' in alices.data and '"conversation_id":1,' in alices.data
    now = office.world.clock.now()
    shown = office.world.read(lambda conn: queries.list_slow_replies(conn, SHOP_A, now))
    assert (shown[ALICE].conversation_id, shown[ALICE].count, shown[BOB].count) == (1, 2, 1)


def test_those_who_wait_100_seconds_for_nobody_are_shown_to_the_board(office: Office) -> None:
    for chat in (1, 2):
        office.buyer_writes(chat)
    office.world.clock.advance(100)
    office.run_timers()
    events = office.world.read(lambda conn: feed.read(conn, 0))
    (queue,) = [e for e in events if e.name == "sla.slow_queue"]
    assert queue.topics == {"board"} and '"count":2' in queue.data


def test_a_recalled_message_leaves_no_round(office: Office) -> None:
    """domain.md §2.6: recalled messages are no buyer messages."""
    message = office.buyer_writes(CHAT)
    office.recall(CHAT, message)
    assert clock_of(office) is None
    assert today(office)["round_count"] == 0
    assert office.of(ClockStopped)[0].how == "recalled"


def test_recalling_the_first_message_anchors_the_round_at_the_next(office: Office) -> None:
    first = office.buyer_writes(CHAT)
    office.pass_time(5)
    office.buyer_writes(CHAT)
    second_at = office.world.clock.now()
    office.recall(CHAT, first)
    clock = clock_of(office)
    assert clock.due_at - second_at == timedelta(seconds=20)
    why = office.world.read(lambda conn: queries.list_retargets(conn, SHOP_A, clock.id))
    assert [row.why_zh for row in why] == ["买家撤回了首条消息"]
    office.pass_time(4)
    office.agent_answers(CHAT)
    assert office.of(ClockStopped)[-1].response_ms == 4000


def test_recalling_a_later_message_changes_nothing(office: Office) -> None:
    office.buyer_writes(CHAT)
    due = clock_of(office).due_at
    office.pass_time(5)
    office.recall(CHAT, office.buyer_writes(CHAT))
    assert clock_of(office).due_at == due


def test_what_the_buyer_wrote_after_the_answer_left_begins_a_new_round(office: Office) -> None:
    """An answer that is confirmed late answers only what stood before it."""
    office.buyer_writes(CHAT)
    office.pass_time(2)
    sent_at = office.world.clock.now()
    office.pass_time(1)
    office.buyer_writes(CHAT)
    office.pass_time(1)
    office.agent_answers(CHAT, sent_at=sent_at)
    assert office.of(ClockStopped)[0].response_ms == 2000
    assert clock_of(office).started_at - sent_at == timedelta(seconds=1)


def test_an_answer_that_left_before_the_round_began_does_not_stop_it(office: Office) -> None:
    early = office.world.clock.now()
    office.pass_time(5)
    office.buyer_writes(CHAT)
    before = clock_of(office)
    office.agent_answers(CHAT, sent_at=early)
    assert clock_of(office) == before
    assert (office.of(ClockStopped), today(office)["round_count"]) == ([], 0)


def test_a_platform_clock_ahead_of_ours_cannot_make_an_answer_too_early(office: Office) -> None:
    ahead = office.world.clock.now() + timedelta(seconds=30)
    office.buyer_writes(CHAT, occurred_at=ahead)
    office.pass_time(2)
    office.agent_answers(CHAT)
    assert office.of(ClockStopped)[0].response_ms == 2000


def test_the_same_message_twice_starts_one_clock(office: Office) -> None:
    office.buyer_writes(CHAT)
    office._message_id -= 1
    office.buyer_writes(CHAT)
    office.agent_answers(CHAT)
    assert (len(office.of(ClockStarted)), today(office)["round_count"]) == (1, 1)


def test_a_robots_answer_ends_the_round_where_the_shop_decided_so(office: Office) -> None:
    value = {**POLICIES["round_definition"].default, "robot_reply_ends_round": True}
    office.world.write(lambda tx: shop_actions.set_policy(tx, SHOP_A, "round_definition", value))
    office.buyer_writes(CHAT)
    office.agent_answers(CHAT, None, by_robot=True)
    assert clock_of(office) is None
    assert today(office)["round_count"] == 0


def test_an_answer_that_is_taken_back_was_none_and_the_round_goes_on(office: Office) -> None:
    """domain.md §2.6: recalled answers are no human answers."""
    office.enter(CHAT)
    office.assign(CHAT, ALICE)
    office.buyer_writes(CHAT)
    started = office.world.clock.now()
    office.pass_time(4)
    answer = office.agent_answers(CHAT)
    office.pass_time(2)
    office.recall(CHAT, answer, by="agent")
    assert clock_of(office).due_at - started == timedelta(seconds=20)
    assert (today(office)["round_count"], today(office, ALICE)["first_response_count"]) == (0, 0)
    office.pass_time(30)
    assert [(e.at - started).seconds for e in office.of(ClockBreached)] == [20]
    office.agent_answers(CHAT)
    figures = today(office)
    assert (figures["round_count"], figures["average_s"], figures["first_response_average_s"]) == (1, 36, 36)


@pytest.mark.parametrize("since", ["another answer", "another question", "closed"])
def test_an_old_answer_that_is_taken_back_changes_nothing(office: Office, since: str) -> None:
    office.buyer_writes(CHAT)
    answer = office.agent_answers(CHAT)
    office.pass_time(1)
    if since == "another answer":
        office.agent_answers(CHAT)
    elif since == "another question":
        office.buyer_writes(CHAT)
    else:
        office.close(CHAT)
    before = today(office), clock_of(office)
    office.recall(CHAT, answer, by="agent")
    assert (today(office), clock_of(office)) == before
