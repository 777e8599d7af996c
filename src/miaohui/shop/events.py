"""What happened to a shop's settings: facts in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """A new version of a policy was written; it holds from `effective_from` on."""

    shop_id: int
    kind: str
    version: int
    effective_from: datetime
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LiveSessionChanged:
    """A live session was planned, moved, started, extended, ended or cancelled (`change` says which)."""

    shop_id: int
    live_session_id: int
    change: str
    title: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PromotionChanged:
    """A promotion was planned, moved or cancelled."""

    shop_id: int
    promotion_id: int
    change: str
    name_zh: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarChanged:
    """A day got, changed or lost its exceptional opening hours. `on_date` is ISO text."""

    shop_id: int
    on_date: str
    change: str
    name_zh: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelAccountChanged:
    """A channel account was added, edited, paused, resumed, revoked, or lost its authorisation."""

    shop_id: int
    account_id: int
    channel: str
    change: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TierChangeProposed:
    """Measured orders a day belong to another tier; a person decides (spec §1.3)."""

    shop_id: int
    proposal_id: int
    from_tier: str
    to_tier: str
    orders_per_day: float
    at: datetime
