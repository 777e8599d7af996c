"""Presence 在线/小休/离线 with 飞鸽's semantics, and how long each lasted. Pure.

Source: domain.md §5.1: online takes new chats; on a break (小休) no new chats, but transfers arrive and the
chats one has go on; offline is refused while chats are in progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Presence(StrEnum):
    """What a person chose."""

    ONLINE = "online"
    ON_BREAK = "on_break"
    OFFLINE = "offline"


UNREACHABLE: Final = "unreachable"
PRESENCE_ZH: Final = {
    Presence.ONLINE.value: "在线",
    Presence.ON_BREAK.value: "小休",
    Presence.OFFLINE.value: "离线",
    UNREACHABLE: "失联",
}


@dataclass(frozen=True)
class Standing:
    """Where a person stands: the chosen state, and since when their page has been silent, if it has."""

    user_id: int
    presence: Presence
    since_at: datetime
    unreachable_at: datetime | None = None

    @property
    def state(self) -> str:
        """The state for logs and boards: a lost person is 失联 whatever they chose."""
        lost = self.unreachable_at is not None and self.presence is not Presence.OFFLINE
        return UNREACHABLE if lost else self.presence.value


@dataclass(frozen=True)
class Span:
    """A stretch of one state. `ended_at` None: it lasts."""

    state: str
    started_at: datetime
    ended_at: datetime | None
    reason: str = ""
    by_user_id: int | None = None


def takes_new_chats(standing: Standing) -> bool:
    """Tell whether dispatch may give this person a chat."""
    return standing.state == Presence.ONLINE


def takes_transfers(standing: Standing) -> bool:
    """Tell whether a transfer may reach this person: on a break too, but not offline or lost."""
    return standing.state in (Presence.ONLINE, Presence.ON_BREAK)


def is_shop_open(standings: Sequence[Standing]) -> bool:
    """Tell whether new buyers queue rather than leave a message (留言).

    One person on a break is enough, even when the rest is full: the shop counts as a whole. Somebody whose
    page was lost a moment ago still counts; they are set offline when they stay away.
    """
    return any(standing.presence is not Presence.OFFLINE for standing in standings)


def seconds_by_state(
    spans: Sequence[Span], since: datetime, until: datetime, now: datetime
) -> dict[str, float]:
    """Return how many seconds of [since, until) each state lasted; open spans count up to `now`.

    Units: seconds. Shape: every state is present, 0.0 when it did not occur.
    """
    totals = dict.fromkeys(PRESENCE_ZH, 0.0)
    for span in spans:
        start = max(span.started_at, since)
        end = min(span.ended_at or now, until, now)
        if end > start:
            totals[span.state] = totals.get(span.state, 0.0) + (end - start).total_seconds()
    return totals
