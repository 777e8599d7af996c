"""What became of a reply whose outcome nobody knows: the platform is asked, nothing is put back (F15)."""

from __future__ import annotations

import pytest

from miaohui.channels.model import AuthExpired, Fault, RateLimited, Receipt, Rejected, Transient, Unknown
from miaohui.inbox.events import ReplyRefused, ReplySent
from tests.inbox.desk import Desk
from tests.inbox.test_reply import answer, ask, only, state


def test_an_unknown_send_is_looked_up_within_a_minute(desk: Desk) -> None:
    """F15: resolved by reconcile within 60 s."""
    events = desk.world.record(ReplySent)
    talk = ask(desk)
    desk.channel.outcome, desk.channel.accepts_first = Unknown("obedient"), True
    message_id = answer(desk, talk, "在的")
    desk.work()
    desk.world.clock.advance(2)
    desk.work()
    assert state(desk, message_id) == "unknown"
    desk.channel.receipt = Receipt("found-9")
    desk.world.clock.advance(58)
    desk.work()
    assert state(desk, message_id) == "delivered" and len(events) == 1 and len(desk.channel.sent) == 1


@pytest.mark.parametrize("told", [
    Transient("obedient", Fault("never_seen")), RateLimited("obedient"), AuthExpired("obedient"),
    Unknown("obedient"), ConnectionResetError("reset"), ValueError("a bug of ours"),
])  # fmt: skip
def test_whatever_a_look_up_raises_an_unknown_send_is_never_put_back(desk: Desk, told: Exception) -> None:
    """F15: `Transient` of a look-up speaks of the look-up, or of a record that may be wrong; a person decides."""
    talk = ask(desk)
    desk.channel.outcome, desk.channel.accepts_first = Unknown("obedient"), True
    message_id = answer(desk, talk, "在的")
    desk.work()
    desk.channel.receipt = told
    desk.channel.outcome = None
    for _ in range(12):
        desk.world.clock.advance(600)
        desk.work()
    assert state(desk, message_id) == "unknown" and len(desk.channel.sent) == 1


def test_a_look_up_that_finds_a_refusal_tells_the_agent(desk: Desk) -> None:
    events = desk.world.record(ReplyRefused)
    talk = ask(desk)
    desk.channel.outcome = Unknown("obedient")
    message_id = answer(desk, talk, "加微信")
    desk.work()
    desk.channel.receipt = Rejected("obedient", Fault("28003070", "sensitive"))
    desk.world.clock.advance(2)
    desk.work()
    assert state(desk, message_id) == "refused"
    assert only(events).reason == "平台拒绝发送该内容，请修改后再发"
