"""What happened to reply clocks: facts in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """A buyer waits for an answer until `due_at`."""

    shop_id: int
    clock_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    target_s: int
    reason_zh: str


@dataclass(frozen=True, slots=True)
class ClockWarned:
    """A clock is about to run out."""

    shop_id: int
    clock_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    due_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ClockBreached:
    """A promise was not kept: `due_at` passed without an answer."""

    shop_id: int
    clock_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    target_s: int
    due_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ClockStopped:
    """A clock ended. `how`: answered, closed, recalled, or merged into another conversation's.

    `agent_id` is who answered, or who had it; `response_ms` None unless answered.
    """

    shop_id: int
    clock_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    how: str
    due_at: datetime
    response_ms: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ClockRetargeted:
    """New rules or another group gave a running clock another deadline; `why_zh` says which."""

    shop_id: int
    clock_id: int
    conversation_id: int
    old_due_at: datetime
    new_due_at: datetime
    why_zh: str
    at: datetime
