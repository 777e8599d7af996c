"""Live sessions, guard windows and promotions. Pure (spec §1.4, §2.4, §2.5; domain.md §5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from miaohui.shop.model.calendar import Span


class LiveState(StrEnum):
    """Where a live session stands."""

    PLANNED = "planned"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A planned or running live session. `planned_end_at` moves with an extension (加播)."""

    id: int
    title: str
    room: str
    presenter: str
    planned_start_at: datetime
    planned_end_at: datetime
    actual_start_at: datetime | None = None
    actual_end_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def state(self) -> LiveState:
        """Where it stands, from its facts."""
        if self.cancelled_at is not None:
            return LiveState.CANCELLED
        if self.actual_end_at is not None:
            return LiveState.ENDED
        return LiveState.LIVE if self.actual_start_at is not None else LiveState.PLANNED


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard window's policy. Units: seconds. `target_s` None keeps the hour's own target.

    Shape: `group_ids` empty: every group.
    """

    before_s: int
    after_s: int
    target_s: int | None
    max_overrun_s: int
    group_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Promotion:
    """A big promotion 大促: answered around the clock in shifts (spec §2.5). `target_s` None: the hour's."""

    id: int
    name_zh: str
    starts_at: datetime
    ends_at: datetime
    shift_count: int
    target_s: int | None = None

    @property
    def span(self) -> Span:
        """Its stretch of time."""
        return Span(self.starts_at, self.ends_at)


def guard_span(session: LiveSession, guard: Guard, at: datetime) -> Span | None:
    """Return the guard window 特护时段 of a session as known at `at`; None when it was cancelled.

    From 30 min before the start, planned or real, whichever is earlier, to 1 h after the end. A session that
    runs past its plan keeps its guard while it runs, for `max_overrun_s` at most (somebody forgot to end it).
    Source: spec §2.4.
    """
    if session.cancelled_at is not None:
        return None
    start = min(session.planned_start_at, session.actual_start_at or session.planned_start_at)
    end = session.actual_end_at or session.planned_end_at
    if session.state is LiveState.LIVE:
        end = max(end, min(at, session.planned_end_at + timedelta(seconds=guard.max_overrun_s)))
    return Span(start - timedelta(seconds=guard.before_s), end + timedelta(seconds=guard.after_s))


def guarding_session(sessions: Iterable[LiveSession], guard: Guard, at: datetime) -> LiveSession | None:
    """Return the session whose guard window covers `at`, the one that starts first when there are several."""
    found = [s for s in sessions if (span := guard_span(s, guard, at)) is not None and span.covers(at)]
    return min(found, key=lambda s: (s.planned_start_at, s.id), default=None)


def promotion_at(promotions: Iterable[Promotion], at: datetime) -> Promotion | None:
    """Return the promotion that runs at `at`, the strictest target first when several do."""
    found = [p for p in promotions if p.span.covers(at)]
    return min(found, key=lambda p: (p.target_s or 10**9, p.id), default=None)


def guard_of(value: Mapping[str, Any]) -> Guard:
    """Return the guard of a `guard_window` policy."""
    return Guard(
        value["before_s"], value["after_s"], value["target_s"], value["max_overrun_s"],
        frozenset(value["group_ids"]),
    )  # fmt: skip
