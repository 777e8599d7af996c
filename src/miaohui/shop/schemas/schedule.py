"""Bodies of the routes of live sessions, promotions and exceptional days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from miaohui.kit.http import Schema
from miaohui.shop.actions import LivePlan, PromotionPlan
from miaohui.shop.schemas.bounds import Label, Moment, Name, Reason, Version


class LiveSessionIn(Schema):
    """A planned live session."""

    title: Name
    room: Label = ""
    presenter: Label = ""
    planned_start_at: Moment
    planned_end_at: Moment

    def plan(self) -> LivePlan:
        return LivePlan(self.title, self.planned_start_at, self.planned_end_at, self.room, self.presenter)


class LiveSessionEdit(LiveSessionIn):
    """A changed live session."""

    version: Version
    reason: Reason = ""


class LiveExtensionIn(Schema):
    """A later (or earlier) planned end."""

    planned_end_at: Moment
    reason: Reason = ""


class ScheduleReasonIn(Schema):
    """Why."""

    reason: Reason = ""


class LiveSessionOut(Schema):
    """A live session with its guard window (spec §2.4); null when it was cancelled."""

    id: int
    version: int
    title: str
    room: str
    presenter: str
    state: str
    planned_start_at: datetime
    planned_end_at: datetime
    actual_start_at: datetime | None
    actual_end_at: datetime | None
    cancelled_at: datetime | None
    guard_from: datetime | None
    guard_until: datetime | None


class LiveSessionsOut(Schema):
    """Live sessions in order of their start."""

    items: list[LiveSessionOut]


class LiveChangeOut(Schema):
    """One step in the life of a session."""

    change: str
    detail: dict[str, Any]
    reason: str
    author: str
    at: datetime


class LiveSessionDetailOut(LiveSessionOut):
    """A session with what happened to it."""

    changes: list[LiveChangeOut]


class PromotionIn(Schema):
    """A planned promotion. Without `shift_count` and `target_s` the policy `promotion` decides."""

    name_zh: Name
    starts_at: Moment
    ends_at: Moment
    shift_count: Annotated[int, Field(ge=1, le=6)] | None = None
    target_s: Annotated[int, Field(ge=1, le=3600)] | None = None

    def plan(self) -> PromotionPlan:
        return PromotionPlan(self.name_zh, self.starts_at, self.ends_at, self.shift_count, self.target_s)


class PromotionEdit(PromotionIn):
    """A changed promotion."""

    version: Version
    reason: Reason = ""


class PromotionOut(Schema):
    """A promotion: answered 7×24 in shifts (spec §2.5)."""

    id: int
    version: int
    name_zh: str
    starts_at: datetime
    ends_at: datetime
    shift_count: int
    target_s: int | None
    cancelled_at: datetime | None
    cancel_reason: str | None


class PromotionsOut(Schema):
    """Promotions in order of their start."""

    items: list[PromotionOut]


class CalendarExceptionIn(Schema):
    """Opening hours of one day, as pairs of times; none: closed."""

    name_zh: Name
    windows: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(max_length=12)


class CalendarExceptionOut(Schema):
    """An exceptional day."""

    on_date: date
    name_zh: str
    windows: list[list[str]]
    version: int
    author: str


class CalendarExceptionsOut(Schema):
    """Exceptional days in order."""

    items: list[CalendarExceptionOut]
