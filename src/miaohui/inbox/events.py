"""What happened in the inbox: facts in the past tense. Who follows them stands in `app/wiring.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ConversationOpened:
    """A buyer came in and no conversation was open. `reopened`: the last one was taken up again."""

    shop_id: int
    conversation_id: int
    buyer_id: int
    channel: str
    entry: str
    group_id: int | None
    at: datetime
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A buyer wrote. Never published for system texts, our own echo, recalls or duplicates."""

    shop_id: int
    conversation_id: int
    message_id: int
    buyer_id: int
    channel: str
    kind: str
    text: str
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRecalled:
    """A message was taken back by its author. `by`: buyer, agent or system."""

    shop_id: int
    conversation_id: int
    message_id: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message's text was changed by its author; the earlier text is kept."""

    shop_id: int
    conversation_id: int
    message_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageConflicted:
    """A platform sent the same id again with another content; the first content stays."""

    shop_id: int
    conversation_id: int
    message_id: int
    conflict_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReplyQueued:
    """A reply was accepted and waits for its turn."""

    shop_id: int
    conversation_id: int
    message_id: int
    agent_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ReplySent:
    """A reply reached the platform. `agent_id` is None for a robot or an answer from the platform's app.

    `by_robot`: no person's answer; a request to rate counts so too, whoever pressed the button (domain §2.6).
    """

    shop_id: int
    conversation_id: int
    message_id: int
    agent_id: int | None
    by_robot: bool
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ReplyRefused:
    """The platform refused a reply for good; the agent sees why and may write another."""

    shop_id: int
    conversation_id: int
    message_id: int
    agent_id: int | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReplyUnknown:
    """Nobody knows whether a reply arrived. It is looked up and never sent again by itself."""

    shop_id: int
    conversation_id: int
    message_id: int
    agent_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationAssigned:
    """A conversation got another agent or group, or went back to the queue (`agent_id` None)."""

    shop_id: int
    conversation_id: int
    agent_id: int | None
    group_id: int | None
    previous_agent_id: int | None
    reason: str
    by_user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationClosed:
    """A conversation ended."""

    shop_id: int
    conversation_id: int
    agent_id: int | None
    reason: str
    by_user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationsMerged:
    """Two buyer records became one: these conversations moved from `merged_buyer_id` to `kept_buyer_id`."""

    shop_id: int
    kept_buyer_id: int
    merged_buyer_id: int
    conversation_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """A private note was written; the mentioned people are told."""

    shop_id: int
    conversation_id: int
    note_id: int
    author_id: int | None
    mentioned_user_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationLabelled:
    """A label was put on a conversation (`is_on`) or taken off. Never for one that was there already."""

    shop_id: int
    conversation_id: int
    label_id: int
    is_on: bool
    by_user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationSnoozed:
    """A conversation sleeps until `until` or until the buyer writes."""

    shop_id: int
    conversation_id: int
    until: datetime
    by_user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationWoken:
    """A snoozed conversation is back. `reason`: due, buyer, agent or closed."""

    shop_id: int
    conversation_id: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationRated:
    """The buyer rated the service with 1–5 stars (4 and 5 count as satisfied, domain §2.1)."""

    shop_id: int
    conversation_id: int
    agent_id: int | None
    stars: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelFellSilent:
    """A channel account that should be busy delivered nothing for `silent_s` seconds."""

    shop_id: int
    account_id: int
    channel: str
    silent_s: int
    at: datetime


@dataclass(frozen=True, slots=True)
class BusinessFactArrived:
    """A delivery about something else than a conversation: order, after-sale, comment, … for other rooms."""

    shop_id: int
    account_id: int
    channel: str
    inbound: Any
