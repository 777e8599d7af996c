"""The simulators' own clock: the machine's, moved by hand for tests (token expiry, day changes)."""

from __future__ import annotations

import time


class SimClock:
    """Units: milliseconds since 1970 UTC."""

    def __init__(self) -> None:
        self.offset_ms = 0

    def now_ms(self) -> int:
        """Return the simulated time."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def now_s(self) -> int:
        """Return the simulated time in seconds."""
        return self.now_ms() // 1000

    def advance(self, seconds: float) -> None:
        """Move the simulated time forward (or back)."""
        self.offset_ms += int(seconds * 1000)
