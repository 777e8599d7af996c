"""The day's rounds and counters: per shop, per agent, equal to the recount (domain.md §2.6; house §5)."""

from __future__ import annotations

import pytest

from miaohui.kit import feed
from miaohui.shop.model import local_date
from miaohui.sla import queries
from miaohui.sla.actions import rebuild_day
from miaohui.sla.events import ClockStopped
from miaohui.sla.model import RoundDefinition
from tests.sla.office import ALICE, BOB, Office
from tests.world import SHOP_A, SHOP_B, World

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


def test_first_response_and_queue_wait_are_kept_apart(office: Office) -> None:
    """domain.md §2.6: their sum is what the buyer felt; only the first answer of a stay counts."""
    office.enter(CHAT)
    office.buyer_writes(CHAT)
    office.pass_time(8)
    office.assign(CHAT, ALICE)
    office.pass_time(5)
    office.agent_answers(CHAT)
    office.buyer_writes(CHAT)
    office.pass_time(2)
    office.agent_answers(CHAT)
    figures = today(office)
    assert (figures["queue_wait_average_s"], figures["first_response_average_s"]) == (8.0, 5.0)
    assert (figures["first_response_count"], figures["average_s"]) == (1, 7.5)


def test_the_day_is_counted_per_shop_and_per_agent(office: Office) -> None:
    for chat, agent, seconds in [(1, ALICE, 10), (2, ALICE, 20), (3, BOB, 30)]:
        office.buyer_writes(chat)
        office.pass_time(seconds)
        office.agent_answers(chat, agent)
    assert (today(office)["round_count"], today(office)["average_s"]) == (3, 20.0)
    assert (today(office, ALICE)["average_s"], today(office, BOB)["average_s"]) == (15.0, 30.0)
    assert today(office)["breached_count"] == 1
    assert today(office, shop_id=SHOP_B)["round_count"] == 0
    assert "sla.today_changed" in feed_names(office, "board")
    assert "sla.agent_today_changed" in feed_names(office, f"agent:{BOB}")


def test_rounds_of_a_night_session_do_not_count(office: Office) -> None:
    """domain.md §2.1: sessions that begin outside 08:00:00–22:59:59."""
    office.pass_time(3 * 3600)
    office.enter(CHAT)
    office.buyer_writes(CHAT)
    office.pass_time(500)
    office.agent_answers(CHAT)
    figures = today(office)
    assert (figures["round_count"], figures["excluded_count"], figures["average_s"]) == (0, 1, None)


def test_the_counters_equal_the_recount_from_the_facts(office: Office) -> None:
    """house §5: roll-ups are always rebuildable and equal to the recompute."""
    for n in range(12):
        office.enter(n)
        office.assign(n, (ALICE, BOB)[n % 2])
        office.buyer_writes(n)
        office.pass_time(3 * n)
        office.close(n) if n % 5 == 4 else office.agent_answers(n, (ALICE, BOB)[n % 2])
    before = today(office), today(office, ALICE), today(office, BOB)
    on = local_date(office.world.clock.now())
    assert office.world.write(lambda tx: rebuild_day(tx, SHOP_A, on)) == 12
    assert (today(office), today(office, ALICE), today(office, BOB)) == before


def test_open_rounds_beyond_the_penalty_are_lost_already(office: Office) -> None:
    """domain.md §2.6: after 600 s a round costs the penalty whatever comes."""
    office.buyer_writes(CHAT)
    for seconds, lost in [(599.9, 0), (0.1, 1)]:
        office.pass_time(seconds)
        now = office.world.clock.now()
        found = office.world.read(lambda c, n=now: queries.lost_count(c, SHOP_A, n, RoundDefinition()))
        assert found == lost


def test_closing_without_an_answer_counts_600_seconds(office: Office) -> None:
    """domain.md §2.6."""
    office.buyer_writes(CHAT)
    office.pass_time(5)
    office.close(CHAT)
    figures = today(office)
    assert (figures["round_count"], figures["unanswered_count"], figures["average_s"]) == (1, 1, 600.0)
    assert figures["unanswered_left"] == -1
    assert office.of(ClockStopped)[0].how == "closed"
