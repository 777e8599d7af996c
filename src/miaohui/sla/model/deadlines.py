"""The deadlines of one clock and which of them have come. Pure.

Warning, pop-up and breach are each handled once; `next_ms` is the earliest that is left. Milliseconds since
1970 and not datetimes, because the timer goes through hundreds of these at a time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When a clock warns, pops up and breaches, and when it did. Units: milliseconds since 1970."""

    warn_ms: int
    popup_ms: int
    due_ms: int
    warned_ms: int | None = None
    popped_ms: int | None = None
    breached_ms: int | None = None

    @property
    def next_ms(self) -> int | None:
        """The earliest deadline that has not been handled, None when all were."""
        left = [at for at, done in self._pairs() if done is None]
        return min(left, default=None)

    def handled(self, now_ms: int) -> Deadlines:
        """Return these deadlines with everything handled that has come by now: never early, never twice."""
        marks = [now_ms if done is None and at <= now_ms else done for at, done in self._pairs()]
        return Deadlines(self.warn_ms, self.popup_ms, self.due_ms, *marks)

    def _pairs(self) -> tuple[tuple[int, int | None], ...]:
        return (
            (self.warn_ms, self.warned_ms),
            (self.popup_ms, self.popped_ms),
            (self.due_ms, self.breached_ms),
        )
