"""When an answer is due. Pure (spec §2.3: targets in seconds, windows, midnight, 24:00, holidays).

The target is the one of the moment the message came; outside opening hours the clock waits for the next
opening (`next_opening`), stops at closing time and goes on (`pause`), or runs anyway (`run`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from miaohui.shop.model import Span
from miaohui.shop.model.calendar import local, open_spans
from miaohui.sla.model.rules import Rules, Target, target_at

LOOK_AHEAD_DAYS = 40


@dataclass(frozen=True, slots=True)
class Promise:
    """What is owed to a buyer who wrote at `received_at`. Units: aware UTC.

    `counts_from_at` is later than `received_at` when the shop was closed.
    """

    received_at: datetime
    counts_from_at: datetime
    target_s: int
    due_at: datetime
    warn_at: datetime
    popup_at: datetime
    reason_zh: str
    source: str


def due_at(received_at: datetime, rules: Rules, group_id: int | None = None) -> datetime:
    """Return when the reply to a message is due.

    Units: aware UTC datetimes; targets in whole seconds per local hour (Asia/Shanghai).
    Order: a guard window overrides the hour's target; see `rules.target_at`.
    Source: spec §2.3, §2.4.
    """
    return promise_for(received_at, rules, group_id).due_at


def promise_for(received_at: datetime, rules: Rules, group_id: int | None = None) -> Promise:
    """Return what is owed for a message received at `received_at`, and why."""
    counts_from = received_at if _ignores_hours(rules) else next_opening(received_at, rules)
    target = target_at(rules, counts_from, group_id)
    return Promise(
        received_at,
        counts_from,
        target.target_s,
        after(counts_from, target.target_s, rules),
        after(counts_from, warn_after_s(target.target_s, rules), rules),
        after(counts_from, rules.warn.popup_after_s, rules),
        _reason(target, received_at, counts_from),
        target.source,
    )


def warn_after_s(target_s: int, rules: Rules) -> float:
    """Return after how many seconds a clock warns: a share of its target, 100 s at the latest."""
    return min(target_s * rules.warn.ratio, rules.warn.after_s)


def _reason(target: Target, received_at: datetime, counts_from: datetime) -> str:
    if counts_from == received_at:
        return target.reason_zh
    here, there = local(received_at), local(counts_from)
    day = "" if here.date() == there.date() else f"{there.month}月{there.day}日 "
    return f"{target.reason_zh} · 非营业时间，{day}{there:%H:%M} 起计"


def _ignores_hours(rules: Rules) -> bool:
    return rules.never_closes or rules.hours.closed == "run"


def business_spans(rules: Rules, since: datetime) -> Iterator[Span]:
    """Yield the stretches in which the shop answers, by their start; promotions are open 7×24 (spec §2.5)."""
    ordinary = open_spans(rules.hours.weekly, rules.exceptions, since, LOOK_AHEAD_DAYS)
    special = sorted((p.span for p in rules.promotions if p.ends_at > since), key=lambda span: span.start_at)
    yield from heapq.merge(ordinary, special, key=lambda span: span.start_at)


def next_opening(at: datetime, rules: Rules) -> datetime:
    """Return `at` while the shop is open, else when it opens next.

    A calendar without any opening in the next 40 days is useless: then the clock runs from `at`.
    """
    for span in business_spans(rules, at):
        return max(at, span.start_at).astimezone(UTC)
    return at


def after(start: datetime, seconds: float, rules: Rules) -> datetime:
    """Return the moment `seconds` after `start`; with `pause`, seconds outside opening hours do not count."""
    left = timedelta(milliseconds=round(seconds * 1000))
    if _ignores_hours(rules) or rules.hours.closed != "pause":
        return start + left
    cursor = start
    for span in business_spans(rules, start):
        begin = max(cursor, span.start_at)
        if span.end_at - begin >= left:
            return (begin + left).astimezone(UTC)
        if span.end_at > begin:
            left -= span.end_at - begin
            cursor = span.end_at
    return cursor + left
