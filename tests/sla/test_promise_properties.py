"""Properties of every promise, whatever the calendar (spec §2.3, §2.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from miaohui.shop.model import CalendarException, LiveSession, Window
from miaohui.sla.model import Period, Rules, due_at, promise_for, retargeted
from miaohui.sla.model.promise import after, business_spans, next_opening
from miaohui.sla.model.rules import Hours
from tests.sla.test_promise import ARTICLE

START = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # Monday 00:00 in Shanghai
MINUTE = 60

moments = st.integers(0, 10 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))
quarter = st.integers(0, 95).map(lambda n: n * 900)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(quarter)
    return Window(start, draw(quarter.map(lambda s: s or 86_400).filter(lambda s: s != start)))


weeks = st.dictionaries(st.integers(1, 7), st.lists(windows(), max_size=3).map(tuple), max_size=7)
days_off = st.dictionaries(
    st.integers(23, 30).map(lambda day: date(2026, 11, day)), st.lists(windows(), max_size=2), max_size=3
).map(lambda found: {on: CalendarException(on, "特殊日", tuple(w)) for on, w in found.items()})


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    starts = sorted(draw(st.sets(quarter, max_size=5)))
    ends = [*starts[1:], 86_400] if starts else []
    periods = tuple(
        Period(f"时段{i}", Window(a, b), draw(st.integers(1, 3600)))
        for i, (a, b) in enumerate(zip(starts, ends, strict=True))
    )
    begin = START + timedelta(seconds=draw(st.integers(0, 9 * 86_400)))
    live = LiveSession(1, "", "", "", begin, begin + timedelta(seconds=draw(st.integers(60, 20_000))))
    mode = draw(st.sampled_from(["next_opening", "pause", "run"]))
    return replace(
        ARTICLE,
        periods=periods,
        hours=Hours(draw(weeks), mode),
        exceptions=draw(days_off),
        live_sessions=(live,) if draw(st.booleans()) else (),
    )


@given(rules(), moments)
def test_a_promise_is_later_than_the_message_and_warns_first(rules: Rules, received: datetime) -> None:
    promise = promise_for(received, rules)
    assert received <= promise.counts_from_at < promise.warn_at <= promise.due_at
    assert promise.due_at - promise.counts_from_at >= timedelta(seconds=promise.target_s)


@given(rules(), moments, st.integers(0, 86_400_000))
def test_with_one_target_a_later_message_is_never_due_earlier(rules, received, later_ms) -> None:
    same = replace(rules, periods=(), live_sessions=())
    assert due_at(received, same) <= due_at(received + timedelta(milliseconds=later_ms), same)


@given(rules(), moments, st.integers(1, 7200), st.integers(0, 7200))
def test_a_longer_target_is_never_due_earlier(rules, received, seconds, more) -> None:
    begin = next_opening(received, rules)
    assert after(begin, seconds, rules) <= after(begin, seconds + more, rules)


@given(rules(), moments)
def test_an_always_open_shop_owes_exactly_its_target(rules: Rules, received: datetime) -> None:
    open_always = replace(rules, hours=ARTICLE.hours, exceptions={})
    promise = promise_for(received, open_always)
    assert promise.due_at - received == timedelta(seconds=promise.target_s)


@given(rules(), moments)
def test_a_clock_that_waits_for_opening_never_starts_in_closed_hours(rules, received) -> None:
    opened = next_opening(received, rules)
    spans = list(business_spans(rules, received))
    assert not spans or any(span.covers(opened) for span in spans)
    assert not any(span.covers(received) for span in spans) or opened == received


short = st.tuples(st.integers(0, 23), st.integers(1, 3)).map(
    lambda pair: Window(pair[0] * 3600, (pair[0] + pair[1]) * 3600 % 86_400 or 86_400)
)
busy_weeks = st.fixed_dictionaries(
    {day: st.lists(short, min_size=1, max_size=3).map(tuple) for day in range(1, 8)}
)


@settings(max_examples=60)
@given(busy_weeks, days_off, moments, st.integers(1, 240))
def test_a_paused_clock_counts_exactly_the_open_minutes(weekly, exceptions, received, minutes) -> None:
    """Against a model that walks minute by minute."""
    paused = replace(ARTICLE, hours=Hours(weekly, "pause"), exceptions=exceptions)
    start = received.replace(second=0, microsecond=0)
    spans = list(business_spans(paused, start))
    left, cursor = minutes, next_opening(start, paused)
    while left:
        if any(span.covers(cursor) for span in spans):
            left -= 1
        cursor += timedelta(minutes=1)
    assert after(next_opening(start, paused), minutes * MINUTE, paused) == cursor


@given(rules(), rules(), moments, st.integers(0, 4000))
def test_new_rules_never_make_anybody_late_who_was_in_time(old, new, received, elapsed_s) -> None:
    """A change moves a deadline back, or leaves the whole new target from now."""
    old_due, now = due_at(received, old), received + timedelta(seconds=elapsed_s)
    if now >= old_due:
        return
    promise = retargeted(old_due, received, now, new, None)
    assert promise.due_at > now
    assert promise.due_at >= min(old_due, now + timedelta(seconds=promise.target_s))
    assert promise.warn_at <= promise.due_at
