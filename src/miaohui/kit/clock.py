"""The only source of time.

`SteadyClock` is anchored to the machine's boot clock: a step of the wall clock (an operator, NTP after a
long outage) neither fires a 20-second promise early nor loses one, and a restart in the same boot keeps the
anchor. Source: reliability.md F8, R11.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

SMALL_STEP_MS = 2_000


class Clock(Protocol):
    """Tells the time; everything that needs it takes one of these."""

    def now(self) -> datetime:
        """Return the time now, aware UTC, whole milliseconds."""

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for measuring spans."""


@dataclass(frozen=True)
class Anchor:
    """What ties boot time to wall time. Units: nanoseconds since boot, milliseconds since 1970 UTC."""

    boot_id: str
    boot_ns: int
    wall_ms: int


def from_ms(value: int) -> datetime:
    """Return the aware UTC time of `value` milliseconds since 1970."""
    return datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)


def to_ms(at: datetime) -> int:
    """Return milliseconds since 1970. Raises: ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without zone: use aware UTC")
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def boot_id() -> str:
    """Return the kernel's id of this boot, or '' where there is none (then nothing survives a restart)."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def boot_ns() -> int:
    """Return nanoseconds since boot, sleep included where the system tells."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime_ns(clock) if clock is not None else time.monotonic_ns()


class SteadyClock:
    """Wall time at the anchor plus boot time since: immune to steps of the wall clock."""

    def __init__(self, anchor: Anchor | None = None) -> None:
        wall_ms = time.time_ns() // 1_000_000
        fresh = Anchor(boot_id(), boot_ns(), wall_ms)
        self.anchor = fresh
        if anchor is not None and anchor.boot_id and anchor.boot_id == fresh.boot_id:
            steady_ms = anchor.wall_ms + (fresh.boot_ns - anchor.boot_ns) // 1_000_000
            if abs(wall_ms - steady_ms) > SMALL_STEP_MS:
                self.anchor = Anchor(fresh.boot_id, fresh.boot_ns, steady_ms)

    def now(self) -> datetime:
        return from_ms(self.anchor.wall_ms + (boot_ns() - self.anchor.boot_ns) // 1_000_000)

    def monotonic_s(self) -> float:
        return boot_ns() / 1e9

    def skew_s(self) -> float:
        """Return by how many seconds the wall clock is ahead of ours: a step that nobody accepted yet."""
        return time.time() - self.now().timestamp()


class ManualClock:
    """A clock that moves only when told to; for tests, journeys and the twin."""

    def __init__(self, at: datetime) -> None:
        self._at = from_ms(to_ms(at))
        self._start = self._at
        self.listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._at

    def monotonic_s(self) -> float:
        return (self._at - self._start).total_seconds()

    def advance(self, seconds: float) -> datetime:
        """Move forward by `seconds` and wake whoever waits on this clock."""
        self._at = from_ms(to_ms(self._at + timedelta(seconds=seconds)))
        for listener in self.listeners:
            listener()
        return self._at

    def set(self, at: datetime) -> None:
        """Jump to `at`; listeners wake."""
        self._at = from_ms(to_ms(at))
        for listener in self.listeners:
            listener()
