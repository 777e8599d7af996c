"""Bad manners of a push service, as a plan: pure, so that a seed replays it (reliability.md F7).

`plan` says which delivery arrives when, how often, together with which others, or never.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Manners:
    """How a platform's pushes misbehave. Units: ratios 0–1, milliseconds.

    `lost`: never delivered (retries included); `doubled`: delivered again although acknowledged; `late`:
    delayed by up to `late_by_ms`; `shuffled`: moved by up to `shuffle_ms`; `batch`: up to so many in one body.
    """

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    late_by_ms: int = 0
    shuffled: float = 0.0
    shuffle_ms: int = 2_000
    batch: int = 1
    seed: int = 1

    @classmethod
    def parsed(cls, value: dict[str, Any]) -> Manners:
        """Return the manners in a JSON object; unknown names are an error."""
        return cls(**value)


@dataclass(frozen=True)
class Drop:
    """One delivery: these events (by index) in one body, `at_ms` after the start of the plan."""

    at_ms: int
    events: tuple[int, ...]


def copies(at_ms: int, manners: Manners, rng: random.Random) -> list[int]:
    """Return when one event that happened at `at_ms` arrives: once, twice or never."""
    if rng.random() < manners.lost:
        return []
    times = [at_ms]
    if rng.random() < manners.doubled:
        times.append(at_ms + rng.randint(1, max(1, manners.shuffle_ms)))
    moved = []
    for at in times:
        if rng.random() < manners.late and manners.late_by_ms:
            at += rng.randint(1, manners.late_by_ms)
        if rng.random() < manners.shuffled:
            at += rng.randint(0, manners.shuffle_ms)
        moved.append(at)
    return moved


def plan(at_ms: Sequence[int], manners: Manners) -> list[Drop]:
    """Return the deliveries of events that happened at these times, in the order in which they arrive."""
    rng = random.Random(manners.seed)
    arrivals = sorted(
        (arrives, index) for index, at in enumerate(at_ms) for arrives in copies(at, manners, rng)
    )
    drops: list[Drop] = []
    while arrivals:
        size = rng.randint(1, max(1, manners.batch))
        taken, arrivals = arrivals[:size], arrivals[size:]
        drops.append(Drop(taken[-1][0], tuple(index for _, index in taken)))
    return drops
