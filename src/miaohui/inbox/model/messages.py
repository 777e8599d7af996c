"""States of messages, drafts, what a row shows of a message. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from miaohui.channels.model import Part, plain_text
from miaohui.inbox.model.limits import PREVIEW_CHARS
from miaohui.kit.text import masked_text

CLOSE_REASONS_ZH: Mapping[str, str] = {
    "agent": "客服关闭", "buyer_left": "买家离开", "silent": "静默超时", "solved": "问题已解决",
    "transferred": "转接", "takeover": "管理员接管", "platform": "平台关闭", "spam": "无效或骚扰",
    "bulk": "批量关闭", "shift_end": "下班关闭", "system": "系统关闭", "erased": "按买家要求删除数据",
}  # fmt: skip


class State(StrEnum):
    """Where a message is. Buyers' messages are `received`; ours go through the outbox (F15)."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# What a person sends that is no answer: no reply clock stops for it (domain §2.6).
ANSWERS_NOTHING = frozenset({"rating_invite"})
ERASED_KIND, ERASED_DIGEST = "erased", 0  # what an erasure leaves of a message (R20)
FOLLOWS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.REFUSED}),
    State.SENDING: frozenset({State.DELIVERED, State.REFUSED, State.UNKNOWN, State.QUEUED}),
    State.UNKNOWN: frozenset({State.DELIVERED, State.REFUSED}),
    State.DELIVERED: frozenset({State.REFUSED}),  # the platform took it back: msg_send_fail
    State.REFUSED: frozenset(),
    State.RECEIVED: frozenset(),
}


def can_follow(before: State, after: State) -> bool:
    """Tell whether a message may go from one state to the other; none is ever sent a second time."""
    return after in FOLLOWS[before]


@dataclass(frozen=True)
class ReplyDraft:
    """What is to be sent. `reply_to_message_id` is ours, of the message it answers to."""

    parts: tuple[Part, ...]
    by_robot: bool = False
    reply_to_message_id: int | None = None
    refs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return plain_text(self.parts)


@dataclass(frozen=True)
class Received:
    """What became of a delivered message: stored, duplicate, conflict, echo or ignored."""

    outcome: str
    conversation_id: int = 0
    message_id: int = 0


def preview(text: str) -> str:
    """Return what a list row shows of a message: one line, short, personal numbers masked."""
    line = " ".join(text[: PREVIEW_CHARS * 4].split())
    shown = masked_text(line)
    return shown if len(shown) <= PREVIEW_CHARS else shown[: PREVIEW_CHARS - 1] + "…"


def kind_of(parts: tuple[Part, ...]) -> str:
    """Return the type that stands for the message: that of its first part which is not a quote."""
    for part in parts:
        if part.type != "quote":
            return part.type
    return parts[0].type if parts else "unknown"


def is_silent(last_at: datetime, now: datetime, after_s: int) -> bool:
    """Tell whether a channel has been silent for too long."""
    return (now - last_at).total_seconds() >= after_s


def masked_for_display(role: str, text: str, parts: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Return a message as pages and feeds show it: numbers of people in a buyer's words are masked.

    What the shop itself wrote is shown as it was sent. Source: reliability.md §3.3.
    """
    if role != "buyer":
        return text, parts
    return masked_text(text), [
        {**part, "text": masked_text(part["text"])} if isinstance(part.get("text"), str) else part
        for part in parts
    ]
