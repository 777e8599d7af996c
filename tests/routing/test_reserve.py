"""The reserve 机动人力 is called when a queue waits too long, comes, serves and stands down (spec §2.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from miaohui.routing import actions, queries
from miaohui.routing.events import ReserveAnswered, ReserveCalled, ReserveStoodDown
from miaohui.routing.model.reserve import Member, choose, wanted_count
from miaohui.routing.schemas.reserve import ReserveCallOut
from miaohui.staff.actions import join_reserve
from tests.routing.desk import ANNA, BEN, CARA, Desk
from tests.world import NOON, SHOP_A

DORA = 14


def reserve(desk: Desk, user_id: int, *kinds: str) -> None:
    desk.seat(user_id, *kinds, presence="offline")
    desk.world.write(lambda tx: join_reserve(tx, SHOP_A, user_id, "备班"))


def calls(desk: Desk, user_id: int | None = None) -> list[tuple[int, str]]:
    rows = desk.world.read(lambda conn: queries.list_reserve_calls(conn, SHOP_A, user_id))
    return [(row.user_id, row.state) for row in reversed(rows)]


def newest(desk: Desk) -> Any:
    return desk.world.read(lambda conn: queries.list_reserve_calls(conn, SHOP_A))[0]


def answer(desk: Desk, user_id: int, accepts: bool) -> None:
    call_id = newest(desk).id
    desk.do(user_id, lambda tx: actions.answer_call(tx, SHOP_A, call_id, user_id, accepts=accepts))


def state(desk: Desk, user_id: int) -> str:
    found = desk.world.read(lambda conn: queries.find_standing(conn, SHOP_A, user_id))
    return found.state if found is not None else "offline"


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Anna is full, Ben stands in reserve for the same group, one buyer waits."""
    desk.seat(ANNA, "pre_sale", capacity=1)
    reserve(desk, BEN, "pre_sale")
    desk.come("first")
    desk.come("second")
    return desk


def test_nobody_is_called_before_the_threshold_and_one_is_at_it(busy: Desk) -> None:
    told = busy.world.record(ReserveCalled)
    busy.wait(89)
    assert calls(busy) == []
    busy.wait(1)
    assert calls(busy) == [(BEN, "called")]
    assert (told[0].user_id, told[0].waited_s, told[0].waiting_count) == (BEN, 90, 1)
    busy.wait(20)
    assert len(calls(busy)) == 1  # looked at again, called once


def test_who_comes_is_online_and_gets_what_waits_and_stands_down_when_it_is_quiet(busy: Desk) -> None:
    told = busy.world.record(ReserveAnswered, ReserveStoodDown)
    waiting = busy.waiting()[0]
    busy.wait(90)
    answer(busy, BEN, True)
    busy.fire()
    assert state(busy, BEN) == "online" and busy.owner(waiting) == BEN and busy.waiting() == []
    busy.answer(waiting, BEN)
    busy.wait(10)
    for _ in range(20):
        busy.do(BEN, lambda tx: actions.note_heartbeat(tx, SHOP_A, BEN))
        busy.do(ANNA, lambda tx: actions.note_heartbeat(tx, SHOP_A, ANNA))
        busy.wait(16)
    assert calls(busy) == [(BEN, "ended")] and ReserveCallOut.of(newest(busy)).ended_because == "quiet"
    assert state(busy, BEN) == "on_break"  # the chat in progress is finished, no new one comes
    assert busy.owner(waiting) == BEN
    assert [type(event).__name__ for event in told] == ["ReserveAnswered", "ReserveStoodDown"]


def test_a_no_and_no_answer_call_the_next_one_and_leave_the_first_in_peace(busy: Desk) -> None:
    reserve(busy, CARA, "pre_sale")
    reserve(busy, DORA, "pre_sale")
    busy.wait(90)
    assert calls(busy) == [(BEN, "called")]
    answer(busy, BEN, False)
    busy.fire()
    assert calls(busy) == [(BEN, "declined"), (CARA, "called")]
    busy.wait(60)
    assert calls(busy) == [(BEN, "declined"), (CARA, "expired"), (DORA, "called")]
    against = newest(busy).detail["against"]
    assert against == {str(BEN): "said_no_lately", str(CARA): "said_no_lately"}
    busy.wait(60)
    assert [one[1] for one in calls(busy)] == ["declined", "expired", "expired"]
    busy.wait(60)
    assert len(calls(busy)) == 3  # everybody was asked: nobody is rung again and again


def test_people_of_other_groups_and_people_who_are_here_are_not_called(desk: Desk) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    reserve(desk, BEN)  # in no group that this queue may be served by
    reserve(desk, CARA, "pre_sale")
    desk.be(CARA, "online")
    for n in range(12):
        desk.come(n)
    desk.wait(90)
    assert calls(desk) == []


def test_the_rule_may_switch_the_calls_off(busy: Desk) -> None:
    busy.rules(reserve_call_after_s=0)
    busy.come("third")
    busy.wait(600)
    assert calls(busy) == []


def test_a_shorter_threshold_holds_for_who_waits_already(busy: Desk) -> None:
    busy.wait(10)
    busy.rules(reserve_call_after_s=5)
    busy.wait(1)
    assert calls(busy) == [(BEN, "called")]


def test_only_the_one_who_was_called_answers_and_only_once(busy: Desk) -> None:
    busy.wait(90)
    call_id = newest(busy).id
    say = lambda who: lambda tx: actions.answer_call(tx, SHOP_A, call_id, who, accepts=True)
    assert busy.refused(say(CARA), CARA).code == "kit.not_found"
    busy.do(BEN, say(BEN))
    assert busy.refused(say(BEN), BEN).code == "routing.call_over"
    assert busy.refused(lambda tx: actions.end_call(tx, SHOP_A, call_id, CARA), CARA).code == "kit.not_found"
    busy.do(ANNA, lambda tx: actions.end_call(tx, SHOP_A, call_id, None))
    assert newest(busy).state == "ended" and ReserveCallOut.of(newest(busy)).ended_because == "by_hand"
    assert busy.refused(lambda tx: actions.end_call(tx, SHOP_A, call_id, None)).code == "routing.call_over"


def test_a_call_that_was_not_ended_has_no_reason_of_its_end(busy: Desk) -> None:
    busy.wait(90)
    assert ReserveCallOut.of(newest(busy)).ended_because is None


def test_a_call_that_ran_out_cannot_be_taken_any_more(busy: Desk) -> None:
    busy.wait(90)
    call_id = newest(busy).id
    busy.world.clock.advance(60)
    refused = busy.refused(lambda tx: actions.answer_call(tx, SHOP_A, call_id, BEN, accepts=True), BEN)
    assert refused.code == "routing.call_over" and state(busy, BEN) == "offline"


def test_the_page_of_who_is_called_hears_it_at_once(busy: Desk) -> None:
    busy.wait(90)
    rows = busy.world.read(
        lambda conn: conn.exec_driver_sql(
            "SELECT topics, data FROM kit_feed WHERE name = 'routing.reserve_call_changed'"
        ).all()
    )
    assert len(rows) == 1 and f"agent:{BEN}" in rows[0][0].split() and '"state":"called"' in rows[0][1]


def test_one_person_more_for_each_ten_who_wait() -> None:
    assert [wanted_count(n, 0) for n in (0, 1, 10, 11, 30)] == [0, 1, 1, 2, 3]
    assert [wanted_count(30, n) for n in (1, 3, 5)] == [2, 0, 0]


def test_whoever_was_called_longest_ago_comes_first_and_the_others_are_told_of() -> None:
    group = frozenset({7})
    members = [
        Member(1, "offline", group, last_called_at=NOON - timedelta(hours=1)), Member(2, "offline", group),
        Member(3, "offline", frozenset({8})), Member(4, "online", group), Member(5, "offline", group, is_called=True),
        Member(6, "on_break", group, NOON - timedelta(seconds=1799)),
        Member(7, "offline", group, NOON - timedelta(seconds=1801), NOON - timedelta(seconds=1801)),
    ]  # fmt: skip
    found = choose(members, group, 2, NOON)
    assert found.user_ids == (2, 1)
    assert found.against == {
        3: "other_group", 4: "online_already", 5: "called_already", 6: "said_no_lately", 7: "not_needed",
    }  # fmt: skip
