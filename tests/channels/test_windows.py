"""Send windows and quotas as state (channels.md §0.5, §6.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.model import (
    ConvState,
    SceneRule,
    scene_rules,
    send_window,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


RULES = (
    SceneRule("im_reply_msg", "message", 86_400, 6),
    SceneRule("im_enter_direct_msg", "enter", 3_600, 2),
    SceneRule("im_authorize_message", "auth", None, 3, "day"),
)


def window(state, at=NOW):
    return send_window(RULES, state, at)


def test_nothing_may_be_sent_to_a_buyer_who_never_wrote():
    found = window(ConvState())
    assert (found.is_open, found.reason, found.remaining) == (False, "never_opened", 0)


@pytest.mark.parametrize(
    ("sent", "remaining", "is_open", "reason"),
    [(0, 6, True, "open"), (5, 1, True, "open"), (6, 0, False, "quota"), (9, 0, False, "quota")],
)
def test_each_reply_uses_up_one_of_the_quota(sent, remaining, is_open, reason):
    state = ConvState(
        opened={"message": NOW - timedelta(hours=1)},
        sent=tuple(("im_reply_msg", NOW - timedelta(minutes=n)) for n in range(sent)),
    )
    found = window(state)
    assert (found.remaining, found.is_open, found.reason) == (remaining, is_open, reason)


def test_a_new_message_of_the_buyer_opens_the_window_afresh():
    state = ConvState(
        opened={"message": NOW},
        sent=tuple(("im_reply_msg", NOW - timedelta(minutes=n + 1)) for n in range(6)),
    )
    assert window(state).remaining == 6


def test_the_window_closes_to_the_second():
    state = ConvState(opened={"message": NOW - timedelta(seconds=86_400)})
    assert window(state, NOW - timedelta(milliseconds=1)).is_open
    found = window(state)
    assert (found.is_open, found.reason, found.closes_at) == (False, "closed", NOW)


def test_outreach_counts_per_day_and_ends_when_the_authorisation_ends():
    sent = tuple(("im_authorize_message", NOW - timedelta(hours=n)) for n in (1, 2, 13))
    state = ConvState(
        opened={"auth": NOW - timedelta(days=3)}, sent=sent, day_start=NOW - timedelta(hours=12),
        until={"auth": NOW + timedelta(hours=1)},
    )  # fmt: skip
    assert window(state).remaining == 1
    assert window(state, NOW + timedelta(hours=1)).reason == "closed"


def test_the_door_that_stays_open_longest_is_taken():
    state = ConvState(opened={"message": NOW, "enter": NOW})
    assert window(state).scene == "im_reply_msg"
    state = ConvState(opened={"message": NOW - timedelta(hours=25), "enter": NOW})
    assert window(state).scene == "im_enter_direct_msg"


def test_a_channel_without_rules_is_always_open_unless_the_buyer_cannot_be_reached():
    assert send_window((), ConvState(), NOW).is_open
    assert send_window((), ConvState(is_reachable=False), NOW).reason == "unreachable"


def test_an_account_may_replace_the_rules():
    assert scene_rules([{"scene": "s", "opens_on": "always", "quota": 1}], RULES)[0].quota == 1
    assert scene_rules(None, RULES) is RULES


@given(
    st.lists(st.integers(0, 90_000), max_size=12),
    st.integers(0, 90_000),
    st.integers(0, 90_000),
)
def test_remaining_never_goes_below_zero_nor_up_without_the_buyer(sent_s, opened_s, at_s):
    start = NOW - timedelta(days=2)
    state = ConvState(
        opened={"message": start + timedelta(seconds=opened_s)},
        sent=tuple(("im_reply_msg", start + timedelta(seconds=s)) for s in sorted(sent_s)),
    )
    found = window(state, start + timedelta(seconds=at_s))
    assert found.remaining is not None and 0 <= found.remaining <= 6
    assert found.is_open == (found.reason == "open") and (found.remaining > 0) == found.is_open
    more = ConvState(
        opened=state.opened, sent=(*state.sent, ("im_reply_msg", start + timedelta(seconds=at_s)))
    )
    assert window(more, start + timedelta(seconds=at_s)).remaining <= found.remaining
