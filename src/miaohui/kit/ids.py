"""The only source of our own ids: 53-bit, time-ordered, safe as JSON numbers.

Layout, high to low: milliseconds since 2024-01-01 UTC (41 bits) · node (5 bits) · counter (7 bits). When one
millisecond is used up the counter borrows the next, so ids of one process are strictly increasing even
over steps of the clock. Ids of platforms are strings and never pass through here.
"""

from __future__ import annotations

import threading
from datetime import datetime

from miaohui.kit.clock import Clock, to_ms

EPOCH_MS = 1_704_067_200_000
NODE_BITS = 5
COUNTER_BITS = 7


def first_id_at(at: datetime) -> int:
    """Return the smallest id that can have been given at a moment: ids below it are older."""
    return max(0, to_ms(at) - EPOCH_MS) << (NODE_BITS + COUNTER_BITS)


class IdSource:
    """Hands out ids. Raises: ValueError for a node outside 0–31."""

    def __init__(self, clock: Clock, node: int = 0) -> None:
        if not 0 <= node < 1 << NODE_BITS:
            raise ValueError(f"node must be 0–{(1 << NODE_BITS) - 1}, not {node}")
        self._clock = clock
        self._node = node
        self._slot = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return a new id, larger than every id this source gave before."""
        slot = (to_ms(self._clock.now()) - EPOCH_MS) << COUNTER_BITS
        with self._lock:
            self._slot = slot if slot > self._slot else self._slot + 1
            slot = self._slot
        counter = slot & ((1 << COUNTER_BITS) - 1)
        return (slot >> COUNTER_BITS) << (NODE_BITS + COUNTER_BITS) | self._node << COUNTER_BITS | counter
