"""Housekeeping of the outbox: what hangs goes on, what has lost its account is refused visibly."""

from __future__ import annotations

import pytest

from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.outcome import mark_sending
from miaohui.inbox.actions.reply import reply
from miaohui.inbox.jobs.ports import book_of
from miaohui.inbox.model import ReplyDraft
from miaohui.inbox.queries.messages import get_message
from miaohui.kit.jobs import jobs_table
from tests.inbox.desk import Desk
from tests.inbox.people import talk
from tests.world import BOB, SHOP_A


def queued(desk: Desk) -> int:
    conversation = talk(desk)
    draft = ReplyDraft((Text("在的"),))
    return desk.world.write(lambda tx: reply(tx, SHOP_A, conversation, draft, BOB, "client-001"))


def sweep(desk: Desk) -> None:
    desk.world.write(lambda tx: tx.enqueue("inbox.sweep_replies", {}))
    desk.work()


def state(desk: Desk, message_id: int) -> str:
    return desk.world.read(lambda conn: get_message(conn, SHOP_A, message_id)).state


@pytest.mark.parametrize(("was_sending", "ends", "sends"), [(False, "delivered", 1), (True, "unknown", 0)])
def test_a_reply_whose_job_died_goes_on_and_is_never_sent_twice(
    desk: Desk, was_sending: bool, ends: str, sends: int
) -> None:
    """F1, F15: one that may have gone out becomes unknown, the other is sent."""
    message_id = queued(desk)
    if was_sending:
        desk.world.write(lambda tx: mark_sending(tx, SHOP_A, message_id, 1, ""))
    desk.world.write(lambda tx: tx.execute(jobs_table.update().values(state="dead")))
    sweep(desk)
    assert len(desk.channel.sent) == 0
    desk.world.clock.advance(121)
    sweep(desk)
    assert (state(desk, message_id), len(desk.channel.sent)) == (ends, sends)


def test_a_reply_that_waits_for_its_turn_is_not_started_by_the_sweep(desk: Desk) -> None:
    message_id = queued(desk)
    desk.world.clock.advance(121)
    sweep(desk)
    assert state(desk, message_id) == "delivered" and len(desk.channel.sent) == 1


def test_a_reply_on_a_channel_that_cannot_send_any_more_is_refused(desk: Desk) -> None:
    message_id = queued(desk)
    desk.rt.ports["channels"] = {}
    desk.work()
    assert state(desk, message_id) == "refused"


def test_a_changed_account_is_seen_after_five_seconds_or_at_once_when_told(desk: Desk) -> None:
    book = book_of(desk.rt)
    found = desk.world.read(lambda conn: book.by_key(conn, "acc-1"))
    assert found is not None and found.secrets == {"secret": "correct"}
    assert book.known("acc-1") == (True, found) and book.known("nobody") == (False, None)
    assert desk.world.read(lambda conn: book.by_key(conn, "nobody")) is None
    assert book.known("nobody") == (True, None)
    desk.world.clock.advance(6)
    assert book.known("acc-1") == (False, None)
    desk.world.read(lambda conn: book.by_key(conn, "acc-1"))
    book.forget()
    assert book.known("acc-1") == (False, None)
