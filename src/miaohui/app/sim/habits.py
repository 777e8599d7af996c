"""How a simulated colleague decides what to do next. Pure: no I/O, no clock.

Whoever waits longest is answered first; a chat that belongs to another group is passed on; a chat that went quiet
is closed; now and then somebody takes a break (domain.md 5.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from miaohui.app.sim.answers import intent_of

QUIET_CLOSE = timedelta(minutes=4)
THANKED_CLOSE = timedelta(seconds=45)
PASS_ON_CHANCE = 0.35
BREAK_EVERY_S, BREAK_LASTS_S = (1_500.0, 3_000.0), (150.0, 330.0)
GROUP_OF_INTENT = {
    "ship_urge": "orders", "logistics_where": "orders", "change_address": "orders", "change_sku": "orders",
    "cancel_order": "orders", "signed_not_received": "orders", "return_howto": "after_sale", "exchange": "after_sale",
    "refund_when": "after_sale", "damaged_wrong": "after_sale", "quality": "after_sale",
    "content_mismatch": "after_sale", "complaint_threat": "after_sale",
}  # fmt: skip


@dataclass(frozen=True)
class Chat:
    """One row of the list of conversations, as far as a colleague looks at it."""

    id: int
    buyer_id: int
    waiting_since: datetime | None
    last_message_at: datetime
    last_role: str
    last_text: str
    version: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Chat:
        """Return the chat of a row of `GET /api/conversations`."""
        waiting = row.get("waiting_since")
        return cls(
            int(row["id"]), int(row["buyer_id"]), None if waiting is None else moment(waiting),
            moment(row["last_message_at"]), str(row["last_role"]), str(row["last_text"]), int(row.get("version", 0)),
        )  # fmt: skip


def moment(text: str) -> datetime:
    """Return an aware time from the API's ISO 8601 text."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def next_to_answer(chats: Sequence[Chat], given_up: frozenset[int] = frozenset()) -> Chat | None:
    """Return the chat whose buyer waits longest, None when nobody waits."""
    waiting = [chat for chat in chats if chat.waiting_since is not None and chat.id not in given_up]
    return min(waiting, key=lambda chat: (chat.waiting_since, chat.id), default=None)


def to_close(chats: Sequence[Chat], now: datetime) -> list[int]:
    """Return the chats that are over: answered and quiet, sooner when the buyer said thanks."""
    found = []
    for chat in chats:
        if chat.waiting_since is not None or chat.last_role == "buyer":
            continue
        quiet = now - chat.last_message_at
        if quiet >= QUIET_CLOSE or (quiet >= THANKED_CLOSE and _was_goodbye(chat.last_text)):
            found.append(chat.id)
    return found


def _was_goodbye(text: str) -> bool:
    return any(word in text for word in ("不客气", "祝您", "应该的"))


def pass_on_to(text: str, own_groups: Sequence[str], answered_count: int, rng: Random) -> str | None:
    """Return the group that a chat belongs to when it is not one's own, sometimes, before the first answer only."""
    wanted = GROUP_OF_INTENT.get(intent_of(text))
    if wanted is None or wanted in own_groups or answered_count > 0:
        return None
    return wanted if rng.random() < PASS_ON_CHANCE else None


def unanswered_text(messages: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return what the buyer said since the last answer, and how many answers there were before.

    Shape: `messages` as the API lists them, oldest first. Recalled lines do not count.
    """
    answers = 0
    texts: list[str] = []
    for message in messages:
        if message.get("recalled_at"):
            continue
        if message["role"] in ("agent", "bot"):
            answers += 1
            texts = []
        elif message["role"] == "buyer":
            texts.append(str(message.get("text") or ""))
    said = [text for text in texts if text.strip()]
    return (said[-1] if said else ""), answers


def break_plan(rng: Random) -> tuple[float, float]:
    """Return after how many seconds the next break begins and how long it lasts."""
    return rng.uniform(*BREAK_EVERY_S), rng.uniform(*BREAK_LASTS_S)
