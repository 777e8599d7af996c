"""HTTP of clocks and the day's rounds: what burns, for whom, and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miaohui.sla.routes import router
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Door, caller
from tests.sla.office import PRESALE, Office
from tests.world import BOB, World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world).open_shops()


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    made = Door(world, router)
    yield made
    made.close()


def test_what_burns_first_is_at_the_top_page_by_page(office: Office, door: Door) -> None:
    for chat in range(5):
        office.buyer_writes(chat)
        office.pass_time(3)
    first = door.call("GET", "/api/clocks?limit=3").body
    rest = door.call("GET", f"/api/clocks?limit=3&cursor={first['next_cursor']}").body
    shown = [row["conversation_id"] for row in (*first["items"], *rest["items"])]
    assert (shown, rest["next_cursor"]) == ([0, 1, 2, 3, 4], None)
    assert first["counts"] == {"open": 5, "warned": 2, "breached": 0}
    assert first["items"][0]["reason_zh"] == "晚间 ≤20 秒"
    assert door.call("GET", "/api/clocks?cursor=nonsense").status == 422


def test_agents_see_their_own_and_their_groups_clocks_only(office: Office, door: Door) -> None:
    for chat, agent, group in [(1, BOB, 99), (2, 77, PRESALE), (3, 77, 99)]:
        office.enter(chat)
        office.assign(chat, agent, group)
        office.buyer_writes(chat)
    bob = caller(BOB, "agent", group_ids=[PRESALE])
    assert {r["conversation_id"] for r in door.call("GET", "/api/clocks", bob).body["items"]} == {1, 2}
    assert [r["conversation_id"] for r in door.call("GET", "/api/clocks?mine=true", bob).body["items"]] == [1]
    assert len(door.call("GET", "/api/clocks", ALICE_OWNER).body["items"]) == 3
    assert door.call("GET", "/api/clocks", CHARLIE_OUTSIDER).body["items"] == []
    assert door.call("GET", "/api/clocks", None).status == 401


def test_slow_replies_are_one_entry_per_agent(office: Office, door: Door) -> None:
    """domain.md §2.3."""
    for chat, agent in [(1, BOB), (2, BOB), (3, 77)]:
        office.enter(chat)
        office.assign(chat, agent)
        office.buyer_writes(chat)
    office.pass_time(99.9)
    assert door.call("GET", "/api/clocks/slow-replies").body["items"] == []
    office.pass_time(0.1)
    everybody = door.call("GET", "/api/clocks/slow-replies").body["items"]
    assert {(row["agent_id"], row["count"]) for row in everybody} == {(BOB, 2), (77, 1)}
    own = door.call("GET", "/api/clocks/slow-replies", BOB_AGENT).body["items"]
    assert [row["agent_id"] for row in own] == [BOB]


def test_today_shows_the_rounds_we_can_still_leave_unanswered(office: Office, door: Door) -> None:
    """domain.md §2.6: 23 rounds of 20 s against 45 s bear one unanswered round."""
    for chat in range(23):
        office.buyer_writes(chat)
        office.pass_time(20)
        office.agent_answers(chat, BOB)
    today = door.call("GET", "/api/sla/today").body
    shop = today["shop"]
    assert (shop["round_count"], shop["average_s"], shop["target_average_s"]) == (23, 20.0, 45)
    assert (shop["unanswered_left"], shop["penalty_s"]) == (1, 600)
    assert [row["agent_id"] for row in today["agents"]] == [BOB]
    rounds = door.call("GET", "/api/sla/rounds?limit=5").body["items"]
    assert [row["response_ms"] for row in rounds] == [20_000] * 5
    assert door.call("GET", "/api/sla/today", CHARLIE_OUTSIDER).body["shop"]["round_count"] == 0


def test_a_preview_says_which_target_holds_and_why(office: Office, door: Door) -> None:
    """spec §2.3."""
    noon = door.call("GET", "/api/sla/preview", params={"at": "2026-11-23T12:30:00+08:00"}).body
    assert (noon["target_s"], noon["reason_zh"], noon["source"]) == (30, "午间 ≤30 秒", "period")
    assert noon["due_at"] == "2026-11-23T12:30:30+08:00"
    assert [label["after_s"] for label in noon["waiting_labels"]] == [60, 120, 180, 300, 600]
    night = door.call("GET", "/api/sla/preview", params={"at": "2026-11-23T03:00:00+08:00"}).body
    assert night["reason_zh"] == "新店 ≤180 秒"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-23T12:30:00", "x"])
def test_a_moment_outside_this_century_or_without_a_zone_is_refused(office: Office, door: Door, at) -> None:
    answer = door.call("GET", "/api/sla/preview", params={"at": at})
    assert (answer.status, answer.code) == (422, "kit.invalid")


def test_a_day_is_counted_again_by_who_may(office: Office, door: Door) -> None:
    office.buyer_writes(1)
    office.agent_answers(1)
    path = "/api/sla/days/2026-11-22/recount"
    assert door.call("POST", path, BOB_AGENT).status == 403
    assert door.call("POST", path).body == {"on_date": "2026-11-22", "round_count": 1}
    assert door.call("POST", "/api/sla/days/0001-01-01/recount").status == 422


def test_a_conversation_nobody_may_see_is_not_found(office: Office, door: Door) -> None:
    assert door.call("GET", "/api/clocks/conversations/4711").status == 404
