"""What happened in routing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A person's state changed: online, on_break, offline, or unreachable (their page went silent)."""

    shop_id: int
    user_id: int
    state: str
    previous_state: str
    reason: str
    by_user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationQueued:
    """Nobody can take a conversation now. `state`: queued (排队) or offline_message (留言)."""

    shop_id: int
    conversation_id: int
    group_id: int
    state: str
    trigger: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationPlaced:
    """A conversation got an agent. `waited_s` is its time in the queue, None when it came straight."""

    shop_id: int
    conversation_id: int
    agent_id: int
    group_id: int
    previous_agent_id: int | None
    trigger: str
    decision_id: int
    waited_s: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ReserveCalled:
    """Somebody of the reserve was asked to come: `waiting_count` chats wait, the first for `waited_s`."""

    shop_id: int
    call_id: int
    user_id: int
    group_id: int
    waited_s: int
    waiting_count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReserveAnswered:
    """Somebody of the reserve said yes or no to a call."""

    shop_id: int
    call_id: int
    user_id: int
    accepts: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ReserveStoodDown:
    """A call ended. `why`: quiet (nobody waits any more) or by_hand."""

    shop_id: int
    call_id: int
    user_id: int
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RetransferExhausted:
    """An unanswered chat has been passed on as often as it may: a supervisor has to look."""

    shop_id: int
    conversation_id: int
    agent_id: int
    moves: int
    at: datetime
