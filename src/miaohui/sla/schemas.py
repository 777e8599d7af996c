"""Bodies of the routes of reply clocks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Path

from miaohui.kit.http import Schema

RowId = Annotated[int, Path(ge=0, lt=2**53)]


class ClockOut(Schema):
    """A running clock with its target and the reason for it."""

    id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    started_at: datetime
    counts_from_at: datetime
    target_s: int
    reason_zh: str
    source: str
    due_at: datetime
    warn_at: datetime
    popup_at: datetime
    warned_at: datetime | None
    breached_at: datetime | None


class ClockCountsOut(Schema):
    """How many clocks run, and how many of them are warned and breached."""

    open: int
    warned: int
    breached: int


class ClocksOut(Schema):
    """Running clocks, what burns first at the top. `now` is the server's time for countdowns."""

    items: list[ClockOut]
    next_cursor: str | None
    counts: ClockCountsOut
    now: datetime


class RetargetOut(Schema):
    """Why a deadline changed."""

    old_target_s: int
    new_target_s: int
    old_due_at: datetime
    new_due_at: datetime
    why_zh: str
    author: str
    at: datetime


class ConversationClockOut(Schema):
    """The clock of one conversation; null when nobody waits."""

    clock: ClockOut | None
    retargets: list[RetargetOut]
    now: datetime


class SlowReplyOut(Schema):
    """The one pop-up of an agent: led by the longest wait (domain.md §2.3)."""

    agent_id: int
    conversation_id: int
    waiting_since: datetime
    count: int
    conversation_ids: list[int]


class SlowRepliesOut(Schema):
    """Pop-ups of those whom the caller may see."""

    items: list[SlowReplyOut]


class FiguresOut(Schema):
    """A day's rounds as the platform counts them (domain.md §2.6).

    `unanswered_left`: how many rounds may still stay unanswered before the average passes the target;
    negative: by how many the day is over. Averages are null where nothing was measured.
    """

    round_count: int
    answered_count: int
    unanswered_count: int
    excluded_count: int
    breached_count: int
    average_s: float | None
    target_average_s: int
    penalty_s: int
    unanswered_left: int
    first_response_count: int
    first_response_average_s: float | None
    queue_wait_average_s: float | None


class AgentFiguresOut(FiguresOut):
    """One agent's day."""

    agent_id: int


class TodayOut(Schema):
    """The day of the shop and of each agent. `lost_count`: open rounds that cost the penalty already."""

    on_date: date
    shop: FiguresOut
    agents: list[AgentFiguresOut]
    lost_count: int


class RoundOut(Schema):
    """One finished round behind a figure."""

    id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    anchor_at: datetime
    ended_at: datetime
    response_ms: int | None
    counted_ms: int
    excluded: str
    target_s: int
    late_ms: int
    queue_wait_ms: int | None
    first_response_ms: int | None


class RoundsOut(Schema):
    """Rounds of a day, the most expensive first."""

    on_date: date
    items: list[RoundOut]


class WaitingLabelOut(Schema):
    """A waiting label with its colour band (domain.md §5.1)."""

    after_s: int
    name_zh: str
    band: str


class DuePreviewOut(Schema):
    """What would hold for a message received at `at`, and why."""

    at: datetime
    group_id: int | None
    counts_from_at: datetime
    target_s: int
    reason_zh: str
    source: str
    due_at: datetime
    warn_at: datetime
    popup_at: datetime
    waiting_labels: list[WaitingLabelOut]


class RebuiltOut(Schema):
    """How many rounds a day has after it was counted again."""

    on_date: date
    round_count: int
