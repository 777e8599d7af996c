"""What happened to the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class GroupChanged:
    """A group was made, renamed, archived, or its overflow order changed."""

    shop_id: int
    group_id: int
    at: datetime


@dataclass(frozen=True)
class AgentJoined:
    """Somebody became an agent, or came back."""

    shop_id: int
    user_id: int
    group_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class AgentDeparted:
    """An agent left the team."""

    shop_id: int
    user_id: int
    at: datetime


@dataclass(frozen=True)
class MembershipChanged:
    """An agent's groups changed."""

    shop_id: int
    user_id: int
    group_ids: tuple[int, ...]
    previous_group_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class CapacityChanged:
    """A capacity took effect (published at its effective time, not when it was planned)."""

    shop_id: int
    user_id: int
    max_concurrency: int
    at: datetime


@dataclass(frozen=True)
class SkillsChanged:
    """An agent's skills changed."""

    shop_id: int
    user_id: int
    at: datetime


@dataclass(frozen=True)
class ReserveChanged:
    """Somebody joined or left the reserve 机动人力."""

    shop_id: int
    user_id: int
    is_member: bool
    at: datetime
