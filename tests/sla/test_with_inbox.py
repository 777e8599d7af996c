"""Clocks over the real inbox: a delivery starts one, lists carry the deadline, an answer ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from miaohui.channels.model import Role
from miaohui.inbox.actions.conversation import assign_conversation, close_conversation
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.sla import queries
from miaohui.sla.actions.clocks import find_open
from miaohui.sla.events import ClockStopped
from tests.inbox.parts import ACCOUNT, arrive, line, say
from tests.sla.office import ALICE, BOB, PRESALE, Office
from tests.world import SHOP_A, World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world).open_shops()


def only_talk(world: World) -> int:
    rows = world.read(lambda conn: conn.exec_driver_sql("SELECT id FROM inbox_conversations").all())
    assert len(rows) == 1
    return int(rows[0][0])


def due_of(world: World, talk: int):
    return world.read(lambda conn: get_conversation(conn, SHOP_A, talk)).due_at


def test_a_delivery_starts_a_clock_and_the_list_row_has_its_deadline(office: Office, world: World) -> None:
    """spec §2.3: 20:00 in Shanghai, 20 s."""
    say(world, "在吗", "1")
    talk = only_talk(world)
    assert due_of(world, talk) == world.clock.now() + timedelta(seconds=20)
    say(world, "在吗", "1")
    say(world, "人呢", "2")
    assert due_of(world, talk) == world.clock.now() + timedelta(seconds=20)


def test_an_answer_from_the_platforms_own_app_ends_the_round(office: Office, world: World) -> None:
    """domain.md §2.6: any human answer counts, wherever it was written; a robot's does not."""
    say(world, "在吗", "1")
    talk = only_talk(world)
    world.write(lambda tx: assign_conversation(tx, SHOP_A, talk, ALICE, PRESALE, "auto", None))
    world.clock.advance(6)
    arrive(world, line("亲在的", "2", account=ACCOUNT, at=world.clock.now(), role=Role.BOT))
    assert due_of(world, talk) is not None
    world.clock.advance(1)
    arrive(world, line("您好，在的", "3", account=ACCOUNT, at=world.clock.now(), role=Role.AGENT))
    assert due_of(world, talk) is None
    (stopped,) = office.of(ClockStopped)
    assert (stopped.agent_id, stopped.response_ms) == (ALICE, 7000)


def test_a_closed_conversation_that_comes_back_has_a_new_stay_with_its_own_clock(
    office: Office, world: World
) -> None:
    say(world, "在吗", "1")
    talk = only_talk(world)
    world.write(lambda tx: assign_conversation(tx, SHOP_A, talk, BOB, PRESALE, "auto", None))
    world.write(lambda tx: close_conversation(tx, SHOP_A, talk, "done", BOB))
    assert world.read(lambda conn: queries.find_open_clock(conn, SHOP_A, talk)) is None
    world.clock.advance(5)
    say(world, "还有个问题", "2")
    rows = world.read(
        lambda conn: conn.exec_driver_sql("SELECT id FROM inbox_conversations WHERE status = 'open'").all()
    )
    (reopened,) = [int(row[0]) for row in rows]
    clock = world.write(lambda tx: find_open(tx, SHOP_A, reopened))
    assert clock is not None and clock.due_at == world.clock.now() + timedelta(seconds=20)
    assert due_of(world, reopened) == clock.due_at
