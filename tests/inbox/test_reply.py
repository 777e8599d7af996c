"""Replies: queued → sending → delivered | refused | unknown, never twice (reliability.md F1, F15)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miaohui.channels.model import (
    Fault,
    RateLimited,
    Rejected,
    Role,
    SceneRule,
    Transient,
    Unknown,
)
from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.facts import apply_fact
from miaohui.inbox.actions.outcome import mark_sending, settle_unknown
from miaohui.inbox.actions.reply import reply
from miaohui.inbox.events import ReplyQueued, ReplyRefused, ReplySent, ReplyUnknown
from miaohui.inbox.jobs.deliver import deliver_reply
from miaohui.inbox.model import FOLLOWS, ReplyDraft, State, can_follow
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.queries.messages import get_history, get_message, list_messages
from miaohui.kit import jobs
from miaohui.kit.errors import Refusal
from miaohui.kit.jobs import LostLease
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job
from tests.inbox.desk import Desk
from tests.inbox.parts import line, only
from tests.world import BOB, SHOP_A


def ask(desk: Desk, text: str = "在吗", key: str = "1") -> int:
    """A buyer asks; returns the conversation."""
    fact = line(text, key, account=desk.account, at=desk.world.clock.now())
    desk.world.write(lambda tx: apply_fact(tx, desk.account, fact))
    rows = desk.world.read(lambda conn: conn.exec_driver_sql("SELECT id FROM inbox_conversations").all())
    return int(rows[0][0])


def answer(desk: Desk, talk: int, text: str, client_id: str = "client-1", **more: Any) -> int:
    draft = ReplyDraft((Text(text),), **more)
    return desk.world.write(lambda tx: reply(tx, SHOP_A, talk, draft, BOB, client_id))


def state(desk: Desk, message_id: int) -> str:
    return desk.world.read(lambda conn: get_message(conn, SHOP_A, message_id)).state


def test_a_reply_is_sent_once_with_the_messages_id_as_key(desk: Desk) -> None:
    events = desk.world.record(ReplyQueued, ReplySent)
    talk = ask(desk)
    message_id = answer(desk, talk, "在的")
    assert state(desk, message_id) == "queued"
    desk.work()
    key, out = only(desk.channel.sent)
    assert key == str(message_id) and out.to_platform_id == "7300000000000000001"
    assert out.conversation_key == "c-7300000000000000001" and out.reply_to == "p-1"
    stored = desk.world.read(lambda conn: get_message(conn, SHOP_A, message_id))
    assert (stored.state, stored.message_key) == ("delivered", f"platform-{message_id}")
    assert [type(event).__name__ for event in events] == ["ReplyQueued", "ReplySent"]
    found = desk.world.read(lambda conn: get_conversation(conn, SHOP_A, talk))
    assert found.waiting_since is None and found.unread_count == 0


def test_the_same_client_id_sends_once_and_another_content_is_refused(desk: Desk) -> None:
    talk = ask(desk)
    first = answer(desk, talk, "在的")
    assert answer(desk, talk, "在的") == first
    desk.work()
    assert answer(desk, talk, "在的") == first
    desk.work()
    assert len(desk.channel.sent) == 1
    with pytest.raises(Refusal, match="client_id_reused"):
        answer(desk, talk, "不在")


def test_a_retry_of_an_accepted_reply_is_answered_even_after_the_close(desk: Desk) -> None:
    talk = ask(desk)
    first = answer(desk, talk, "在的")
    desk.world.write(lambda tx: close_conversation(tx, SHOP_A, talk, "agent", BOB))
    assert answer(desk, talk, "在的") == first
    with pytest.raises(Refusal, match="conversation_closed"):
        answer(desk, talk, "新的", "client-2")


def test_replies_of_one_conversation_go_out_in_the_order_they_were_written(desk: Desk) -> None:
    talk = ask(desk)
    ids = [answer(desk, talk, f"第{n}句", f"client-{n}") for n in range(5)]
    desk.work()
    assert [key for key, _ in desk.channel.sent] == [str(i) for i in ids]


def test_a_later_reply_waits_while_an_earlier_one_is_being_tried_again(desk: Desk) -> None:
    talk = ask(desk)
    desk.channel.outcome = RateLimited("obedient", Fault(retry_after_s=1.0))
    first, second = answer(desk, talk, "一", "client-1"), answer(desk, talk, "二", "client-2")
    assert asyncio.run(desk._work(1)) == ["retry"]
    assert (state(desk, first), state(desk, second)) == ("queued", "queued")
    desk.channel.outcome = None
    desk.work()
    assert [key for key, _ in desk.channel.sent] == [str(first), str(second)]


def test_a_refusal_is_shown_and_the_next_reply_goes_on(desk: Desk) -> None:
    events = desk.world.record(ReplyRefused)
    talk = ask(desk)
    desk.channel.outcome = Rejected("obedient", Fault("28003070", "sensitive"))
    first, second = answer(desk, talk, "加微信", "client-1"), answer(desk, talk, "好的", "client-2")
    asyncio.run(desk._work(1))
    desk.channel.outcome = None
    desk.work()
    assert (state(desk, first), state(desk, second)) == ("refused", "delivered")
    assert only(events).reason == "平台拒绝发送该内容，请修改后再发"


def test_a_platform_that_fails_three_times_is_given_up_visibly(desk: Desk) -> None:
    talk = ask(desk)
    desk.channel.outcome = Transient("obedient")
    message_id = answer(desk, talk, "在的")
    assert desk.work() == ["retry", "retry", "done"]
    assert state(desk, message_id) == "refused" and desk.channel.sent == []


def test_a_send_that_was_taken_and_then_reset_is_unknown_and_never_sent_again(desk: Desk) -> None:
    """F15: a platform accepts and then resets the connection."""
    events = desk.world.record(ReplyUnknown)
    talk = ask(desk)
    desk.channel.outcome, desk.channel.accepts_first = Unknown("obedient"), True
    message_id = answer(desk, talk, "在的")
    desk.work()
    assert state(desk, message_id) == "unknown" and len(events) == 1
    for _ in range(12):
        desk.world.clock.advance(600)
        desk.work()
    assert state(desk, message_id) == "unknown" and len(desk.channel.sent) == 1


@pytest.mark.parametrize(
    "error", [ConnectionResetError("reset"), TimeoutError(), ValueError("a bug of ours")]
)
def test_whatever_breaks_during_a_send_leaves_it_unknown(desk: Desk, error: Exception) -> None:
    talk = ask(desk)
    desk.channel.outcome, desk.channel.accepts_first = error, True
    message_id = answer(desk, talk, "在的")
    desk.work()
    assert state(desk, message_id) == "unknown" and len(desk.channel.sent) == 1


def test_the_echo_of_an_unknown_send_settles_it(desk: Desk) -> None:
    talk = ask(desk)
    desk.channel.outcome, desk.channel.accepts_first = Unknown("obedient"), True
    message_id = answer(desk, talk, "在的")
    desk.work()
    echo = line("在的", "echo", account=desk.account, role=Role.AGENT, at=desk.world.clock.now())
    outcome = desk.world.write(lambda tx: apply_fact(tx, desk.account, echo))
    assert outcome == "echo" and state(desk, message_id) == "delivered"
    shown = desk.world.read(lambda conn: list_messages(conn, SHOP_A, talk))
    assert [m.text for m in shown] == ["在吗", "在的"]


def test_our_own_words_coming_back_are_not_stored_twice(desk: Desk) -> None:
    """domain §3.7: a robot must not answer itself."""
    events = desk.world.record(ReplySent)
    talk = ask(desk)
    message_id = answer(desk, talk, "在的", by_robot=True)
    desk.work()
    echo = line("在的", "e", account=desk.account, role=Role.BOT, message_key=f"platform-{message_id}")
    for _ in range(2):
        assert desk.world.write(lambda tx: apply_fact(tx, desk.account, echo)) == "echo"
    assert len(desk.world.read(lambda conn: list_messages(conn, SHOP_A, talk))) == 2
    assert len(events) == 1 and only(events).by_robot


def test_a_send_cut_off_by_a_kill_becomes_unknown_and_is_not_repeated(desk: Desk) -> None:
    """F1: the state `sending` was committed before the network; after a restart nobody knows."""
    talk = ask(desk)
    message_id = answer(desk, talk, "在的")
    desk.world.write(lambda tx: jobs.claim(tx.conn, tx.now, "dead-worker", 10))
    desk.world.write(lambda tx: mark_sending(tx, SHOP_A, message_id, 1, ""))
    desk.world.clock.advance(11)
    desk.work()
    assert state(desk, message_id) == "unknown" and desk.channel.sent == []


def test_a_receipt_counts_even_when_the_lease_was_lost_meanwhile(desk: Desk) -> None:
    talk = ask(desk)
    message_id = answer(desk, talk, "在的")
    row = only(desk.world.write(lambda tx: jobs.claim(tx.conn, tx.now, "slow", 10)))

    async def pause() -> None:
        desk.world.clock.advance(11)
        await desk.rt.write(SYSTEM, lambda tx: jobs.claim(tx.conn, tx.now, "other", 10))

    desk.channel.before_send = pause
    with pytest.raises(LostLease):
        asyncio.run(deliver_reply(Job(row, desk.rt), desk.rt))
    assert state(desk, message_id) == "delivered"


def test_a_closed_window_is_told_and_nothing_is_sent(desk: Desk) -> None:
    """channels.md §0.5: windows and quotas are state."""
    desk.channel.rules = (SceneRule("reply", "message", 3_600, 2),)
    talk = ask(desk)
    for n in range(3):
        answer(desk, talk, f"第{n}句", f"client-{n}")
    desk.work()
    shown = desk.world.read(lambda conn: list_messages(conn, SHOP_A, talk))
    assert [m.state for m in shown] == ["received", "delivered", "delivered", "refused"]
    assert shown[-1].state_reason == "本次可发条数已用完，请等买家回复"
    desk.world.clock.advance(60)
    ask(desk, "还在吗", "2")
    fourth = answer(desk, talk, "在", "client-9")
    desk.work()
    assert state(desk, fourth) == "delivered"


def test_a_person_settles_what_no_machine_can(desk: Desk) -> None:
    talk = ask(desk)
    desk.channel.outcome = Unknown("obedient")
    message_id = answer(desk, talk, "在的")
    desk.work()
    desk.world.write(lambda tx: settle_unknown(tx, SHOP_A, message_id, False))
    assert state(desk, message_id) == "refused"
    with pytest.raises(Refusal, match="not_unknown"):
        desk.world.write(lambda tx: settle_unknown(tx, SHOP_A, message_id, True))


def test_every_attempt_leaves_a_row(desk: Desk) -> None:
    talk = ask(desk)
    desk.channel.outcome = RateLimited("obedient", Fault(retry_after_s=0.1))
    message_id = answer(desk, talk, "在的")
    asyncio.run(desk._work(1))
    desk.channel.outcome = None
    desk.work()
    history = desk.world.read(lambda conn: get_history(conn, SHOP_A, message_id))
    assert [row["outcome"] for row in history["attempts"]] == ["retry", "delivered"]


def test_the_answer_stands_below_the_question_though_the_platforms_clock_is_ahead(desk: Desk) -> None:
    fact = line("在吗", "1", account=desk.account, at=desk.world.clock.now().replace(minute=5))
    desk.world.write(lambda tx: apply_fact(tx, desk.account, fact))
    talk = int(
        desk.world.read(lambda conn: conn.exec_driver_sql("SELECT id FROM inbox_conversations").scalar_one())
    )
    answer(desk, talk, "在的")
    shown = desk.world.read(lambda conn: list_messages(conn, SHOP_A, talk))
    assert [m.text for m in shown] == ["在吗", "在的"]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(list(State)), max_size=12))
def test_no_chain_of_states_sends_a_message_twice(wishes: list[State]) -> None:
    """F15: `sending` is entered again only from `queued`, and `queued` only by a send that did not go out."""
    now = State.QUEUED
    for wish in wishes:
        if can_follow(now, wish):
            assert not (now in (State.DELIVERED, State.UNKNOWN) and wish in (State.SENDING, State.QUEUED))
            now = wish
    assert State.SENDING not in FOLLOWS[State.UNKNOWN] | FOLLOWS[State.DELIVERED] | FOLLOWS[State.REFUSED]
