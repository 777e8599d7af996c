"""How often somebody may do something: token buckets in process, for doors that are open to everybody."""

from __future__ import annotations

from collections import OrderedDict

from miaohui.kit.clock import Clock
from miaohui.kit.errors import TOO_MANY

MAX_KEYS = 50_000


class Pace:
    """At most `burst` at once and `per_s` a second in the long run, for each key.

    Keys that were not seen for longest are forgotten first, so that memory stays bounded; a forgotten key
    starts with a full bucket. Not thread-safe: for the event loop only.
    """

    def __init__(self, clock: Clock, per_s: float, burst: int) -> None:
        self._clock, self.per_s, self.burst = clock, per_s, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1.0) -> bool:
        """Take `cost` out of the key's bucket; False, and nothing taken, when it does not hold enough."""
        now = self._clock.monotonic_s()
        level, since = self._buckets.pop(key, (float(self.burst), now))
        level = min(float(self.burst), level + (now - since) * self.per_s)
        is_enough = level >= cost
        self._buckets[key] = (level - cost if is_enough else level, now)
        if len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
        return is_enough

    def check(self, key: str, cost: float = 1.0) -> None:
        """Take, or refuse. Raises: Refusal kit.too_many_requests."""
        if not self.take(key, cost):
            TOO_MANY.refuse(retry_after_s=round(cost / self.per_s, 1))
