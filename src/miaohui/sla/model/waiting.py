"""What waiting looks like: 飞鸽's labels and bands, 千牛's pop-up. Pure (domain.md §2.3, §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WaitingLabel:
    """A label such as 超2分钟未回复 with its colour band: grey, yellow, red. Units: seconds."""

    after_s: int
    name_zh: str
    band: str


def waiting_labels_of(value: Mapping[str, Any]) -> tuple[WaitingLabel, ...]:
    """Return the labels of a `waiting_labels` policy, shortest wait first."""
    return tuple(WaitingLabel(row["after_s"], row["name_zh"], row["band"]) for row in value["labels"])


def waiting_label(waiting_s: float, labels: Sequence[WaitingLabel]) -> WaitingLabel | None:
    """Return the label of a wait, None below the first: 1, 2, 3, 5, 10 min (domain.md §5.1).

    Order: a wait of exactly one minute has the one-minute label.
    """
    reached = [label for label in labels if waiting_s >= label.after_s]
    return reached[-1] if reached else None


@dataclass(frozen=True, slots=True)
class SlowReply:
    """The one pop-up of an agent: the longest wait stands for all of them (domain.md §2.3)."""

    conversation_id: int
    waiting_since: datetime
    conversation_ids: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many conversations wait that long."""
        return len(self.conversation_ids)


def slow_reply(waits: Iterable[tuple[int, datetime]]) -> SlowReply | None:
    """Merge waits of 100 s and more into one pop-up on the longest; None when nobody waits."""
    ordered = sorted(waits, key=lambda wait: (wait[1], wait[0]))
    if not ordered:
        return None
    return SlowReply(ordered[0][0], ordered[0][1], tuple(wait[0] for wait in ordered))
