"""Bodies of presence, the room board and the state log."""

from __future__ import annotations

from datetime import datetime

from miaohui.kit.http import Schema
from miaohui.routing.model import Estimate, Presence, Span
from miaohui.routing.queries import QueueCount
from miaohui.routing.schemas.fields import Note


class PresenceIn(Schema):
    """在线 online, 小休 on_break or 离线 offline; `handover` passes chats in progress on before going offline."""

    presence: Presence
    handover: bool = False
    reason: Note = ""


class StandingOut(Schema):
    """Where a person stands. `state` is unreachable (失联) while their page is silent."""

    user_id: int
    presence: str
    state: str
    since_at: datetime | None
    unreachable_at: datetime | None
    alive_until_at: datetime | None


class SeatOut(Schema):
    """One person on the room board."""

    user_id: int
    name: str
    state: str
    state_zh: str
    since_at: datetime | None
    load: int
    unanswered_count: int
    max_concurrency: int
    capacity_now: int
    group_ids: list[int]
    last_placed_at: datetime | None


class EstimateOut(Schema):
    """A place in the queue; the seconds are None when there is too little data (数据不足), with n."""

    position: int
    sample_count: int
    expected_s: int | None
    low_s: int | None
    high_s: int | None
    text_zh: str

    @staticmethod
    def of(found: Estimate) -> EstimateOut:
        return EstimateOut(
            position=found.position, sample_count=found.sample_count, expected_s=found.expected_s,
            low_s=found.low_s, high_s=found.high_s, text_zh=found.text_zh,
        )  # fmt: skip


class QueueCountOut(Schema):
    """How many wait in a group (group 0 is the whole shop), and the wait of a buyer who comes now."""

    group_id: int
    state: str
    count: int
    oldest_at: datetime
    estimate: EstimateOut | None

    @staticmethod
    def of(found: QueueCount, estimate: Estimate | None) -> QueueCountOut:
        return QueueCountOut(
            group_id=found.group_id, state=found.state, count=found.count, oldest_at=found.oldest_at,
            estimate=EstimateOut.of(estimate) if estimate else None,
        )  # fmt: skip


class RoomOut(Schema):
    """The room board: everybody's seat, and what waits."""

    is_open: bool
    server_at: datetime
    items: list[SeatOut]
    queues: list[QueueCountOut]
    next_cursor: str | None = None


class SpanOut(Schema):
    """A stretch of one state."""

    state: str
    state_zh: str
    started_at: datetime
    ended_at: datetime | None
    reason: str
    by_user_id: int | None

    @staticmethod
    def of(span: Span, state_zh: str) -> SpanOut:
        return SpanOut(
            state=span.state, state_zh=state_zh, started_at=span.started_at, ended_at=span.ended_at,
            reason=span.reason, by_user_id=span.by_user_id,
        )  # fmt: skip


class StateLogOut(Schema):
    """A person's states in a span, with the seconds of each."""

    user_id: int
    since_at: datetime
    until_at: datetime
    seconds_by_state: dict[str, float]
    items: list[SpanOut]
    next_cursor: str | None = None
