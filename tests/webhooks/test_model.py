"""Standard Webhooks: signature, schedule, filters, health."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from miaohui.webhooks.model import (
    DELAYS_S,
    DISABLE_AFTER,
    Health,
    Result,
    headers,
    health_after,
    is_filter,
    is_hopeless,
    next_attempt_at,
    secret_text,
    signature,
    wants,
)
from tests.world import NOON

SECRET = secret_text(bytes(range(32)))


def test_the_specifications_own_example_is_reproduced() -> None:
    """The vector of the specification and of its libraries."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        '{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(max_size=200), st.binary(min_size=24, max_size=64))
def test_the_third_party_library_accepts_what_we_sign(text: str, key: bytes) -> None:
    import json

    secret, body = secret_text(key), json.dumps({"text": text})
    stamp = int(datetime.now(NOON.tzinfo).timestamp())  # the library reads the wall clock
    assert Webhook(secret).verify(body, headers([secret], "msg_1", stamp, body)) == {"text": text}


def test_a_changed_body_is_refused_by_the_third_party_library() -> None:
    stamp = int(datetime.now(NOON.tzinfo).timestamp())
    signed = headers([SECRET], "msg_1", stamp, '{"pay_fen":100}')
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify('{"pay_fen":900}', signed)


def test_while_a_secret_changes_both_old_and_new_verify() -> None:
    new = secret_text(bytes(range(1, 33)))
    stamp = int(datetime.now(NOON.tzinfo).timestamp())
    signed = headers([new, SECRET], "msg_1", stamp, "{}")
    for secret in (new, SECRET):
        Webhook(secret).verify("{}", signed)


def test_ten_attempts_over_seventy_five_hours() -> None:
    """The example schedule of the specification: 0 s, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 24 h."""
    assert len(DELAYS_S) == 10
    assert timedelta(seconds=sum(DELAYS_S)) == timedelta(hours=75, minutes=35, seconds=5)
    assert next_attempt_at(1, NOON, 0.0) == NOON + timedelta(seconds=5)
    assert next_attempt_at(10, NOON, 0.0) is None


@given(st.integers(1, 9), st.floats(0, 1), st.none() | st.floats(0, 100_000))
def test_jitter_and_retry_after_only_lengthen_the_pause(
    attempt: int, jitter: float, asked: float | None
) -> None:
    at = next_attempt_at(attempt, NOON, jitter, asked)
    assert at is not None
    pause = (at - NOON).total_seconds()
    assert DELAYS_S[attempt] <= pause <= max(DELAYS_S[attempt] * 1.1, 3600.0) + 0.001


@pytest.mark.parametrize(
    ("filters", "event_type", "expected"),
    [
        (["inbox.message_received"], "inbox.message_received", True),
        (["inbox.message_received"], "inbox.message_recalled", False),
        (["inbox.*"], "inbox.message_recalled", True), (["inbox.*"], "inboxes.message", False),
        (["*"], "sla.clock_breached", True), (["*"], "webhooks.endpoint_disabled", False),
        (["trade.*", "sla.clock_breached"], "sla.clock_breached", True), ([], "sla.clock_breached", False),
    ],
)  # fmt: skip
def test_filters(filters: list[str], event_type: str, expected: bool) -> None:
    assert wants(filters, event_type) is expected


@pytest.mark.parametrize("text", ["*", "inbox.*", "inbox.message_received"])
def test_a_filter(text: str) -> None:
    assert is_filter(text)


@pytest.mark.parametrize(
    "text", ["", "**", "inbox", "inbox.", ".x", "Inbox.x", "inbox.message received", "a.b.c", "*.x"]
)
def test_no_filter(text: str) -> None:
    assert not is_filter(text)


@pytest.mark.parametrize(
    ("status", "is_ok"),
    [(200, True), (204, True), (299, True), (199, False), (301, False), (410, False), (None, False)],
)
def test_only_two_hundreds_count_as_delivered(status: int | None, is_ok: bool) -> None:
    assert Result(status).is_ok is is_ok


def test_failures_lengthen_the_hold_and_success_clears_it() -> None:
    health, holds = Health(), []
    for n in range(9):
        now = NOON + timedelta(hours=n)
        health = health_after(health, Result(500), now)
        assert health.hold_until is not None
        holds.append((health.hold_until - now).total_seconds())
    assert holds == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert health.failing_since == NOON
    assert health_after(health, Result(200), NOON) == Health()


def test_an_endpoint_is_hopeless_after_five_days_without_success() -> None:
    failing = Health(failing_since=NOON, failure_count=30)
    assert not is_hopeless(failing, NOON + DISABLE_AFTER - timedelta(seconds=1))
    assert is_hopeless(failing, NOON + DISABLE_AFTER)
    assert not is_hopeless(Health(), NOON + DISABLE_AFTER)
