"""Bodies of the shop's routes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AwareDatetime, Field

from miaohui.kit.http import Schema
from miaohui.shop.actions import LivePlan, PromotionPlan

RowId = Annotated[int, Path(ge=0, lt=2**53)]
Version = Annotated[int, Field(ge=0, lt=2**31)]
Reason = Annotated[str, Field(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class TierOut(Schema):
    """A tier with its head count and target (spec §1.3)."""

    tier: str
    name_zh: str
    orders_from: int
    agents_min: int
    agents_max: int
    target_s: int


class ShopOut(Schema):
    """The shop one works in."""

    id: int
    name: str
    main_category: str
    version: int
    tier: TierOut
    created_at: datetime


class ShopEdit(Schema):
    """A changed shop."""

    version: Version
    name: Name
    main_category: str = Field(default="", max_length=60)


class TierProposalOut(Schema):
    """A proposal to change the tier; `decision` null: still open."""

    id: int
    from_tier: str
    to_tier: str
    orders_per_day: float
    measured_days: int
    created_at: datetime
    decision: str | None
    reason: str | None
    author: str | None
    decided_at: datetime | None


class TierProposalsOut(Schema):
    """Proposals, newest first."""

    items: list[TierProposalOut]


class TierDecisionIn(Schema):
    """A decision about a proposal."""

    decision: Literal["accepted", "declined"]
    reason: Reason = ""


class PolicyVersionOut(Schema):
    """One version of a policy. Version 0 is the default of the specification."""

    kind: str
    version: int
    effective_from: datetime | None
    value: dict[str, Any]
    author: str
    reason: str
    created_at: datetime | None
    undoes_version: int | None


class PolicySummaryOut(Schema):
    """A kind of policy and what holds now."""

    kind: str
    title_zh: str
    source: str
    permission: str
    current: PolicyVersionOut


class PoliciesOut(Schema):
    """Every kind, in the order of the specification."""

    items: list[PolicySummaryOut]


class PolicyOut(PolicySummaryOut):
    """One kind with its history, newest first; `version` is what a write must carry."""

    version: int
    history: list[PolicyVersionOut]


class PolicyIn(Schema):
    """A new version. `version`: the newest one that the writer saw. `effective_from` null: at once."""

    version: Version
    value: dict[str, Any]
    effective_from: AwareDatetime | None = None
    reason: Reason = ""


class PolicyUndoIn(Schema):
    """Write the value of `undo_version` again, as a new version."""

    version: Version
    undo_version: Version
    effective_from: AwareDatetime | None = None
    reason: Reason = ""


class LiveSessionIn(Schema):
    """A planned live session."""

    title: Name
    room: str = Field(default="", max_length=60)
    presenter: str = Field(default="", max_length=60)
    planned_start_at: AwareDatetime
    planned_end_at: AwareDatetime

    def plan(self) -> LivePlan:
        return LivePlan(self.title, self.planned_start_at, self.planned_end_at, self.room, self.presenter)


class LiveSessionEdit(LiveSessionIn):
    """A changed live session."""

    version: Version
    reason: Reason = ""


class LiveExtensionIn(Schema):
    """A later (or earlier) planned end."""

    planned_end_at: AwareDatetime
    reason: Reason = ""


class ReasonIn(Schema):
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
    starts_at: AwareDatetime
    ends_at: AwareDatetime
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


class ChannelAccountIn(Schema):
    """A channel to connect. Secrets are sealed and never shown again."""

    channel: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    name: Name
    config: dict[str, Any] = {}
    secrets: dict[str, Annotated[str, Field(max_length=4000)]] = Field(default={}, max_length=40)


class ChannelAccountEdit(Schema):
    """A changed name or configuration; what is left out stays."""

    version: Version
    name: Name | None = None
    config: dict[str, Any] | None = None


class ChannelSecretsIn(Schema):
    """Secrets to replace; an empty text removes one."""

    secrets: dict[str, Annotated[str, Field(max_length=4000)]] = Field(min_length=1, max_length=40)


class ChannelStateIn(Schema):
    """A new state. `revoked` is for good."""

    state: Literal["active", "paused", "revoked"]
    reason: Reason = ""


class ChannelAccountOut(Schema):
    """A connected channel. `hook_path` is where its platform delivers to."""

    id: int
    version: int
    channel: str
    name: str
    account_key: str
    hook_path: str
    config: dict[str, Any]
    secret_names: list[str]
    state: str
    state_reason: str
    state_at: datetime


class ChannelAccountsOut(Schema):
    """Connected channels."""

    items: list[ChannelAccountOut]


class ChannelStateOut(Schema):
    """Who changed the state, when and why."""

    state: str
    reason: str
    author: str
    at: datetime


class ChannelCheckOut(Schema):
    """The result of a connection test."""

    id: int
    result: str
    message_zh: str
    detail: dict[str, Any]
    took_ms: int
    author: str
    at: datetime


class ChannelAccountDetailOut(ChannelAccountOut):
    """A connected channel with its states and tests, newest first."""

    states: list[ChannelStateOut]
    checks: list[ChannelCheckOut]
