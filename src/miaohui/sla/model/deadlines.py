"""The deadlines of one clock and which of them have come. Pure.

Warning, pop-up and breach are each handled once; `next_at` is the earliest that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When a clock warns, pops up and breaches, and when it did."""

    warn_at: datetime
    popup_at: datetime
    due_at: datetime
    warned_at: datetime | None = None
    popped_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        """The earliest deadline that has not been handled, None when all were."""
        left = [at for at, done in self._pairs() if done is None]
        return min(left, default=None)

    def handled(self, now: datetime) -> Deadlines:
        """Return these deadlines with everything handled that has come by `now`: never early, never twice."""
        marks = [now if done is None and at <= now else done for at, done in self._pairs()]
        return Deadlines(self.warn_at, self.popup_at, self.due_at, *marks)

    def _pairs(self) -> tuple[tuple[datetime, datetime | None], ...]:
        return (
            (self.warn_at, self.warned_at),
            (self.popup_at, self.popped_at),
            (self.due_at, self.breached_at),
        )
